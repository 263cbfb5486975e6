"""
What hatch builds: a wheel and an sdist of each package, which install and import alone.

The wheels are installed from a folder, without an index, by a pip that knows no settings.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from release.installing import BRINGS

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

pytestmark = [
    pytest.mark.packaging,
    pytest.mark.skipif(sys.version_info < (3, 10), reason="hatch needs Python 3.10"),
]

EACH = pytest.mark.parametrize("name", BRINGS)

LIST_DISTRIBUTIONS = """
from importlib.metadata import distributions
print(*sorted(each.metadata["Name"] for each in distributions()))
"""
NO_COMPILER = {"CC": "/nonexistent/cc", "PATH": str(Path(sys.executable).parent)}


def clean_environment() -> dict[str, str]:
    """This process's environment without what hatch, pip and pytest put into it."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("HATCH_ENV", "PYTEST_", "PYTHON", "VIRTUAL_ENV"))
    }


def run_anyhow(
    *command: str | Path, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    environment = {**clean_environment(), **variables}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a program that succeeds prints."""
    result = run_anyhow(*command, cwd=cwd, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


@pytest.fixture(scope="module", autouse=True)
def _environments_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let hatch build by this Python, in environments that no other one has made."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HATCH_DATA_DIR", str(tmp_path_factory.mktemp("hatch")))
        patch.setenv("HATCH_PYTHON", sys.executable)
        yield


def hatch_build(folder: Path, *arguments: str | Path, **variables: str) -> None:
    run(sys.executable, "-m", "hatch", "build", *arguments, cwd=folder, **variables)


class Installer:
    """One pip, which installs into bare environments by the dozen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.pip = self.environment("pip", "--with-pip")

    def environment(self, name: str, *options: str) -> Path:
        """The Python of a new environment; it holds nothing, unless asked for pip."""
        folder = self.folder / name
        arguments = [] if "--with-pip" in options else ["--without-pip"]
        run(sys.executable, "-m", "venv", *arguments, folder, cwd=self.folder)
        return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def install(self, python: Path, *arguments: str | Path, **variables: str) -> None:
        pip = (self.pip, "-m", "pip", "--python", python)
        run(*pip, "install", *arguments, cwd=self.folder, **variables)

    def install_from(self, dist: Path, name: str) -> Path:
        """A new environment with one distribution of a folder; no index, no settings."""
        python = self.environment(f"{dist.name}-{name}")
        isolated = {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": ""}
        self.install(python, "--no-index", "--find-links", dist, name, **isolated)
        return python


@pytest.fixture(scope="module")
def dist(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with everything that hatch builds here."""
    folder = tmp_path_factory.mktemp("dist")
    hatch_build(checkout.root, "--all", folder)
    return folder


@pytest.fixture(scope="module")
def installer(tmp_path_factory: pytest.TempPathFactory) -> Installer:
    return Installer(tmp_path_factory.mktemp("environments"))


def the_one(dist: Path, pattern: str) -> Path:
    (found,) = dist.glob(pattern)
    return found


def wheel_names(dist: Path, name: str) -> list[str]:
    with zipfile.ZipFile(the_one(dist, f"{name.replace('-', '_')}-*.whl")) as wheel:
        return wheel.namelist()


def sdist_names(dist: Path, name: str) -> list[str]:
    """Names without the folder that all of them are in."""
    with tarfile.open(the_one(dist, f"{name.replace('-', '_')}-*.tar.gz")) as sdist:
        return [each.partition("/")[2] for each in sdist.getnames()]


def distributions(python: Path) -> list[str]:
    return run(python, "-I", "-c", LIST_DISTRIBUTIONS, cwd=python.parent).split()


@EACH
def test_a_wheel_installs_alone_and_brings_only_what_it_needs(
    dist: Path, installer: Installer, name: str
) -> None:
    python = installer.install_from(dist, name)
    assert distributions(python) == sorted([name, *BRINGS[name]])
    run(python, "-I", "-W", "error", "-c", f"import {name.replace('-', '_')}", cwd=python.parent)


@EACH
def test_a_wheel_holds_the_package_and_its_license(dist: Path, name: str) -> None:
    package = name.replace("-", "_")
    names = wheel_names(dist, name)
    assert f"{package}/__init__.py" in names
    assert f"{package}/py.typed" in names
    assert [each for each in names if each.endswith("licenses/LICENSE")] != []
    assert {each.partition("/")[0].partition("-")[0] for each in names} == {package}


@EACH
def test_an_sdist_holds_what_a_build_needs(dist: Path, name: str) -> None:
    names = sdist_names(dist, name)
    package = name.replace("-", "_")
    assert {"pyproject.toml", "README.md", "LICENSE", "PKG-INFO"} <= set(names)
    assert f"src/{package}/__init__.py" in names
    assert [each for each in names if each.endswith((".so", ".pyd"))] == []


def test_the_sdist_holds_the_c_and_the_wheel_does_not(dist: Path, checkout: Checkout) -> None:
    sources = checkout.root.glob("packages/ws-frames/speedups/*.[ch]")
    needed = {f"speedups/{path.name}" for path in sources}
    assert len(needed) >= 3
    assert {*needed, "hatch_build.py"} <= set(sdist_names(dist, "ws-frames"))
    wheel = wheel_names(dist, "ws-frames")
    assert [each for each in wheel if each.endswith((".c", ".h"))] == []
    assert "ws_frames/_speedups.pyi" in wheel


def test_the_wheel_holds_the_library_or_the_reason(dist: Path, installer: Installer) -> None:
    wheel = the_one(dist, "ws_frames-*.whl")
    libraries = [each for each in wheel_names(dist, "ws-frames") if each.endswith((".so", ".pyd"))]
    noted = "ws_frames/_speedups.txt" in wheel_names(dist, "ws-frames")
    pure = wheel.name.endswith("-py3-none-any.whl")
    assert (len(libraries), noted) == ((0, True) if pure else (1, False))
    python = installer.environment("speaks")
    installer.install(python, "--no-index", wheel)
    says = run(python, "-I", "-m", "ws_frames", cwd=python.parent, WS_FRAMES_SPEEDUPS="")
    assert ("pure Python" if pure else "with C speedups") in says


def test_without_a_compiler_the_wheel_is_pure_and_says_why(
    checkout: Checkout, installer: Installer, tmp_path: Path
) -> None:
    folder = checkout.root / "packages" / "ws-frames"
    hatch_build(folder, "-t", "wheel", tmp_path, WS_FRAMES_SPEEDUPS="auto", **NO_COMPILER)
    wheel = the_one(tmp_path, "*.whl")
    assert wheel.name.endswith("-py3-none-any.whl")
    python = installer.environment("without-compiler")
    installer.install(python, "--no-index", wheel)
    says = run(python, "-I", "-m", "ws_frames", cwd=tmp_path, WS_FRAMES_SPEEDUPS="")
    assert "pure Python: C speedups not compiled (" in says
    assert "/nonexistent/cc" in says


def test_without_a_compiler_a_required_library_fails_the_build(
    checkout: Checkout, tmp_path: Path
) -> None:
    build = (sys.executable, "-m", "hatch", "build", "-t", "wheel", tmp_path)
    folder = checkout.root / "packages" / "ws-frames"
    required = {"WS_FRAMES_SPEEDUPS": "require", **NO_COMPILER}
    result = run_anyhow(*build, cwd=folder, **required)
    assert result.returncode != 0
    assert "/nonexistent/cc" in result.stdout + result.stderr
    assert list(tmp_path.glob("*.whl")) == []


def test_on_request_the_library_is_left_out(
    checkout: Checkout, installer: Installer, tmp_path: Path
) -> None:
    folder = checkout.root / "packages" / "ws-frames"
    hatch_build(folder, "-t", "wheel", tmp_path, WS_FRAMES_SPEEDUPS="never")
    wheel = the_one(tmp_path, "*-py3-none-any.whl")
    python = installer.environment("on-request")
    installer.install(python, "--no-index", wheel)
    says = run(python, "-I", "-m", "ws_frames", cwd=tmp_path, WS_FRAMES_SPEEDUPS="")
    assert "left out on request (WS_FRAMES_SPEEDUPS=never)" in says


def test_the_checkout_installs_as_one(checkout: Checkout, installer: Installer) -> None:
    python = installer.environment("checkout")
    installer.install(python, checkout.root)
    assert set(BRINGS) <= set(distributions(python))
    origins = (
        "from importlib.metadata import distribution\n"
        f"for name in {list(BRINGS)!r}:\n"
        "    print(distribution(name).read_text('direct_url.json'))\n"
    )
    printed = run(python, "-I", "-c", origins, cwd=python.parent)
    for name, line in zip(BRINGS, printed.splitlines()):
        assert f"{checkout.root.as_uri()}/packages/{name}" in line


def test_a_changed_checkout_installs_as_it_is_now(
    copy: Checkout, installer: Installer, tmp_path: Path
) -> None:
    """pip keeps wheels that it built, and takes some folders for what never changes."""
    text = copy.root.joinpath("pyproject.toml").read_text(encoding="utf-8")
    (requirement,) = re.findall(r'^  "(ws-http @ .+)",$', text, re.MULTILINE)
    requirement = requirement.replace("{root:uri}", copy.root.as_uri())
    python = installer.environment("changed")
    cache = {"PIP_CACHE_DIR": str(tmp_path / "cache")}
    installer.install(python, "--no-deps", requirement, **cache)
    copy.plant("ws_http/typing.py", "CHANGED = True")
    installer.install(python, "--no-deps", requirement, **cache)
    code = "from importlib.util import find_spec; print(find_spec('ws_http').origin)"
    package = Path(run(python, "-I", "-c", code, cwd=tmp_path).strip()).parent
    assert "CHANGED = True" in package.joinpath("typing.py").read_text(encoding="utf-8")
