"""Our wheels, the foreign one of the same name, and environments to install them into."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from functools import cache
from pathlib import Path
from typing import Callable

import pytest

ROOT = Path(__file__).resolve().parents[3]

# Installers that go by no settings but those of the test. Which index there is, and how it is
# reached, they have to know.
SETTINGS = {"PIP_FIND_LINKS": "", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "UV_NO_CONFIG": "1"}
SETTINGS_OF_OTHERS = ("HATCH_ENV", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT", "WS_FRAMES_")


def run_anyhow(
    *command: str | Path, cwd: Path, **variables: str
) -> subprocess.CompletedProcess[str]:
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(SETTINGS_OF_OTHERS)
    }
    return subprocess.run(
        command,
        cwd=cwd,
        env={**kept, **SETTINGS, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def run(*command: str | Path, cwd: Path, **variables: str) -> str:
    """What a program that succeeds prints."""
    result = run_anyhow(*command, cwd=cwd, **variables)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def make_venv(folder: Path, *options: str, base: str | Path = sys.executable) -> Path:
    """Make a virtual environment; gives its Python."""
    run(base, "-m", "venv", *options, folder, cwd=folder.parent)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


class Environment:
    """A virtual environment, with what two installers do in it."""

    def __init__(self, folder: Path, pip: Path, base: str | Path = sys.executable) -> None:
        self.folder = folder
        self.python = make_venv(folder, "--without-pip", base=base)
        self._pip = pip

    def pip(self, *arguments: str | Path, **variables: str) -> str:
        pip = (self._pip, "-m", "pip", "--python", self.python)
        return run(*pip, *arguments, cwd=self.folder, **variables)

    def uv(self, *arguments: str | Path) -> str:
        return run(uv_command(), "pip", *arguments, "--python", self.python, cwd=self.folder)

    def install(self, installer: str, *arguments: str | Path) -> str:
        install = self.uv if installer == "uv" else self.pip
        return install("install", *arguments)

    def run(self, code: str, *options: str) -> str:
        """What a program prints where nothing but the environment can be imported."""
        return run(self.python, "-I", *options, "-c", code, cwd=self.folder)

    def run_file(self, path: Path, *arguments: str | Path) -> str:
        return run(self.python, "-I", path, *arguments, cwd=self.folder)

    def run_anyhow(self, code: str, *options: str) -> subprocess.CompletedProcess[str]:
        return run_anyhow(self.python, "-I", *options, "-c", code, cwd=self.folder)

    def version(self) -> str:
        """The version of the distribution that is installed as ``websockets``."""
        return self.run(
            "from importlib.metadata import version; print(version('websockets'))"
        ).strip()

    @property
    def packages(self) -> Path:
        """Where it installs."""
        return Path(self.run("import sysconfig; print(sysconfig.get_path('purelib'))").strip())


def uv_command() -> str:
    beside = Path(sys.executable).with_name("uv.exe" if os.name == "nt" else "uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        pytest.skip("there is no uv")
    return found


#: Run uv in a folder; gives what it prints.
RunUv = Callable[..., str]


@pytest.fixture
def run_uv() -> RunUv:
    def run_uv(*arguments: str | Path, cwd: Path) -> str:
        # The project says what to do.
        return run(uv_command(), *arguments, cwd=cwd, UV_NO_CONFIG="false")

    return run_uv


#: Make an environment, with the Python of the tests or another one.
MakeEnvironment = Callable[..., Environment]


@pytest.fixture(scope="session")
def pip_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with a pip that installs into all environments."""
    return make_venv(tmp_path_factory.mktemp("pip") / "environment")


@pytest.fixture
def make_environment(tmp_path: Path, pip_python: Path) -> MakeEnvironment:
    def make(base: str | Path = sys.executable) -> Environment:
        folder = tmp_path / f"environment-{len(list(tmp_path.iterdir()))}"
        return Environment(folder, pip_python, base)

    return make


@pytest.fixture
def environment(make_environment: MakeEnvironment) -> Environment:
    return make_environment()


def interpreter(version: str) -> str:
    """The path of a Python of this version; skips the test where there is none."""
    if version == "{}.{}".format(*sys.version_info[:2]):
        return sys.executable
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        shutil.which(f"python{version}"),
        *sorted(map(str, pyenv.glob(f"versions/{version}.*/bin/python"))),
    ]
    for found in candidates:
        # What stands on PATH may only know how to start one that is installed elsewhere.
        if found and subprocess.call([found, "-c", ""], stderr=subprocess.DEVNULL) == 0:
            return found
    pytest.skip(f"there is no Python {version} on PATH, and none of pyenv")


#: Give the environment with our wheels, with a Python of that version.
OnPython = Callable[[str], Environment]


@pytest.fixture(scope="session")
def on_python(tmp_path_factory: pytest.TempPathFactory, pip_python: Path, dist: Path) -> OnPython:
    """Make each such environment once; to be used only, not to be changed."""

    @cache
    def on_python(version: str) -> Environment:
        folder = tmp_path_factory.mktemp(f"python{version}") / "environment"
        environment = Environment(folder, pip_python, interpreter(version))
        environment.uv("install", "--no-index", "--find-links", dist, "websockets")
        return environment

    return on_python


@pytest.fixture(scope="session")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheels of all packages, which go with any Python: without the C."""
    if sys.version_info < (3, 10):
        pytest.skip("hatch, which builds them, needs Python 3.10")
    folder = tmp_path_factory.mktemp("dist")
    data = str(tmp_path_factory.mktemp("hatch"))
    for package in sorted(ROOT.glob("packages/*")):
        run(
            *(sys.executable, "-m", "hatch", "build", "-t", "wheel", folder),
            cwd=package,
            WS_FRAMES_SPEEDUPS="never",
            HATCH_DATA_DIR=data,
            HATCH_PYTHON=sys.executable,
        )
    return folder


@pytest.fixture(scope="session")
def our_wheel(dist: Path) -> Path:
    (wheel,) = dist.glob("websockets-*.whl")
    return wheel


@pytest.fixture(scope="session")
def foreign_wheel(pip_python: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest foreign distribution, from the public index."""
    folder = tmp_path_factory.mktemp("foreign")
    download = ("download", "--no-deps", "--only-binary=:all:", "--dest", "wheels")
    result = run_anyhow(pip_python, "-m", "pip", *download, "websockets>=10", cwd=folder)
    if result.returncode != 0:
        reason = result.stderr.strip().splitlines()[-1:]
        pytest.skip(f"the foreign distribution cannot be had from an index: {reason}")
    (wheel,) = folder.glob("wheels/*.whl")
    return wheel


#: Make a wheel of a third party with such a requirement; gives the folder that it is in.
ThirdParty = Callable[[str], Path]


@pytest.fixture
def third_party(tmp_path: Path) -> ThirdParty:
    folder = tmp_path / "third-party"
    folder.mkdir()

    def make(requirement: str) -> Path:
        info = "third_party-1.0.dist-info"
        files = {
            "third_party.py": "import websockets\n",
            f"{info}/METADATA": (
                "Metadata-Version: 2.1\nName: third-party\nVersion: 1.0\n"
                f"Requires-Dist: {requirement}\n"
            ),
            f"{info}/WHEEL": (
                "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
            ),
        }
        files[f"{info}/RECORD"] = "".join(f"{name},,\n" for name in [*files, f"{info}/RECORD"])
        with zipfile.ZipFile(folder / "third_party-1.0-py3-none-any.whl", "w") as wheel:
            for name, text in files.items():
                wheel.writestr(name, text)
        return folder

    return make
