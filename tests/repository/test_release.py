"""The tools that make a release: what they build, what they object to, what they keep back."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import version as current
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from release import installing, processes
from release.artifact import Artifact, artifacts
from release.building import build_all, build_wheel
from release.checking import check_classifiers, faults, missing
from release.checkout import check_tag, packages, pythons, version
from release.installing import BRINGS, try_as_each_user, try_examples
from release.processes import Failure, run
from release.pythons import at_hand, interpreter
from release.repeating import differences, repeat
from release.staging import public_packages, stage

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

PUBLIC = ["ws-frames", "ws-http", "ws-deflate", "ws-asyncio", "ws-compat"]

CURRENT = current("ws-frames")

METADATA = """\
Metadata-Version: 2.4
Name: {name}
Version: {version}
Classifier: {classifier}

"""


def make_wheel(
    folder: Path,
    name: str = "ws-frames",
    version: str = CURRENT,
    classifier: str = "Typing :: Typed",
    tag: str = "py3-none-any",
) -> Path:
    """A wheel that says no more of itself than has to be."""
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        text = METADATA.format(name=name, version=version, classifier=classifier)
        wheel.writestr(f"{stem}.dist-info/METADATA", text)
    return path


def make_sdist(
    folder: Path,
    name: str = "ws-frames",
    version: str = CURRENT,
    classifier: str = "Typing :: Typed",
) -> Path:
    folder.mkdir(exist_ok=True)
    stem = f"{name.replace('-', '_')}-{version}"
    path = folder / f"{stem}.tar.gz"
    data = METADATA.format(name=name, version=version, classifier=classifier).encode()
    with tarfile.open(path, "w:gz") as sdist:
        member = tarfile.TarInfo(f"{stem}/PKG-INFO")
        member.size = len(data)
        sdist.addfile(member, io.BytesIO(data))
    return path


# What the checkout says


def test_the_packages_come_in_the_order_in_which_they_need_each_other(checkout: Checkout) -> None:
    assert packages(checkout.root) == [*PUBLIC, "websockets"]
    assert packages(checkout.root) == list(BRINGS)


def test_all_but_the_meta_package_are_public(checkout: Checkout) -> None:
    assert public_packages(checkout.root) == PUBLIC


def test_a_package_out_of_step_has_no_version(copy: Checkout) -> None:
    assert version(copy.root) == CURRENT
    project = copy.root / "packages" / "ws-http" / "pyproject.toml"
    project.write_text(project.read_text("utf-8").replace(CURRENT, "0.0.1"), "utf-8")
    with pytest.raises(Failure, match=f"not at {re.escape(CURRENT)}: .*ws-http"):
        version(copy.root)


def date_changelogs(copy: Checkout) -> None:
    for path in copy.root.glob("packages/*/CHANGELOG.md"):
        text = path.read_text("utf-8")
        path.write_text(f"## {CURRENT}, 2021-09-03\n\n{text}", "utf-8")


def test_a_tag_goes_with_the_version_and_dated_changelogs(copy: Checkout) -> None:
    date_changelogs(copy)
    check_tag(f"v{CURRENT}", copy.root)
    with pytest.raises(Failure, match=f"^the tag is v0.0.1, the version is {re.escape(CURRENT)}$"):
        check_tag("v0.0.1", copy.root)


def test_a_release_is_not_in_development(copy: Checkout) -> None:
    date_changelogs(copy)
    path = copy.root / "packages" / "ws-http" / "CHANGELOG.md"
    path.write_text(path.read_text("utf-8").replace("2021-09-03", "in development"), "utf-8")
    with pytest.raises(Failure, match=f"newest is '{re.escape(CURRENT)}, in development', not"):
        check_tag(f"v{CURRENT}", copy.root)


# What goes to the public index


def test_an_sdist_and_wheels_are_set_out(checkout: Checkout, tmp_path: Path) -> None:
    dist, upload = tmp_path / "dist", tmp_path / "upload"
    made = [
        make_sdist(dist),
        make_wheel(dist),
        make_wheel(dist, tag="cp311-cp311-manylinux2014_x86_64"),
    ]
    make_wheel(dist, name="ws-http")
    stage("ws-frames", dist, upload, checkout.root)
    assert sorted(upload.iterdir()) == sorted(upload / path.name for path in made)


PRIVATE = {"name": "websockets", "classifier": "Private :: Do Not Upload"}


def test_what_is_private_is_never_set_out(checkout: Checkout, tmp_path: Path) -> None:
    dist, upload = tmp_path / "dist", tmp_path / "upload"
    make_sdist(dist, **PRIVATE)
    make_wheel(dist, **PRIVATE)
    with pytest.raises(Failure, match="is private: websockets is a foreign project there"):
        stage("websockets", dist, upload, checkout.root)
    assert not upload.exists()


def test_nothing_is_set_out_beside_what_is_private(checkout: Checkout, tmp_path: Path) -> None:
    dist, upload = tmp_path / "dist", tmp_path / "upload"
    make_sdist(dist)
    make_wheel(dist)
    beside = make_wheel(upload, **PRIVATE)
    with pytest.raises(Failure, match="is private"):
        stage("ws-frames", dist, upload, checkout.root)
    assert list(upload.iterdir()) == [beside]


@pytest.mark.parametrize(
    ("wheel", "reason"),
    [
        ({"version": "0.0.1"}, f"is not of {CURRENT}"),
        ({"tag": "cp311-cp311-linux_x86_64"}, "is for this Linux alone"),
    ],
)
def test_what_an_index_must_not_have_is_refused(
    checkout: Checkout, tmp_path: Path, wheel: dict[str, str], reason: str
) -> None:
    dist, upload = tmp_path / "dist", tmp_path / "upload"
    make_sdist(dist)
    make_wheel(dist, **wheel)
    with pytest.raises(Failure, match=reason):
        stage("ws-frames", dist, upload, checkout.root)
    assert not upload.exists()


@pytest.mark.parametrize("make", [make_sdist, make_wheel])
def test_an_sdist_or_a_wheel_alone_is_refused(
    checkout: Checkout, tmp_path: Path, make: object
) -> None:
    assert callable(make)
    make(tmp_path / "dist")
    with pytest.raises(Failure, match="an sdist and a wheel of ws-frames are needed"):
        stage("ws-frames", tmp_path / "dist", tmp_path / "upload", checkout.root)


def test_the_command_refuses_the_meta_package(checkout: Checkout, tmp_path: Path) -> None:
    make_sdist(tmp_path / "dist", **PRIVATE)
    make_wheel(tmp_path / "dist", **PRIVATE)
    result = subprocess.run(
        [
            *(sys.executable, "-m", "release", "--dist", tmp_path / "dist"),
            *("upload", "websockets", "--to", tmp_path / "upload"),
        ],
        env={**os.environ, "PYTHONPATH": str(checkout.root / "tools")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 1
    assert "is private" in result.stderr
    assert not tmp_path.joinpath("upload").exists()


# What is objected to


def test_a_bare_wheel_has_every_fault(checkout: Checkout, tmp_path: Path) -> None:
    bare = Artifact(make_wheel(tmp_path, version="0.0.1", tag="cp311-cp311-manylinux2014_x86_64"))
    found = list(faults(bare, checkout.root))
    for words in (
        f"Version is 0.0.1, not {CURRENT}",
        "License-Expression is None, not BSD-3-Clause",
        "Requires-Python is None, not >=3.9",
        "Description-Content-Type is None, not text/markdown",
        "License-File is None",
        "another description than README.md of the checkout",
        "no classifier for Python 3.15",
        "no ws_frames-0.0.1.dist-info/licenses/LICENSE",
        "0 compiled libraries, not 1: ",
    ):
        assert words in found


def test_a_missing_distribution_is_missed(checkout: Checkout, tmp_path: Path) -> None:
    for name in PUBLIC:
        make_sdist(tmp_path, name)
        make_wheel(tmp_path, name)
    make_wheel(tmp_path, **PRIVATE)
    assert missing(artifacts(tmp_path), checkout.root) == ["websockets"]


def test_an_unknown_classifier_is_named(tmp_path: Path) -> None:
    pytest.importorskip("trove_classifiers", reason="it is in the environment of releases")
    made = Artifact(make_wheel(tmp_path, classifier="Typing :: Sometimes"))
    with pytest.raises(Failure, match="unknown classifiers: Typing :: Sometimes"):
        check_classifiers([made])


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Failure, match="no sdist and no wheel"):
        artifacts(tmp_path)


def test_files_that_differ_are_named() -> None:
    first = {"same": "1", "other": "1", "gone": "1"}
    second = {"same": "1", "other": "2", "new": "1"}
    assert differences(first, second) == ["gone", "new", "other"]
    assert differences(first, dict(first)) == []


# Programs and Pythons


def test_a_program_knows_nothing_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WS_FRAMES_SPEEDUPS", "never")
    monkeypatch.setenv("PYTHONPATH", "/nonexistent")
    code = "import os; print(*(os.environ.get(n) for n in ('WS_FRAMES_SPEEDUPS', 'PYTHONPATH')))"
    assert run(sys.executable, "-c", code) == "None None\n"
    assert run(sys.executable, "-c", code, PYTHONPATH="x") == "None x\n"


def test_a_program_that_fails_is_a_failure_with_its_words() -> None:
    with pytest.raises(Failure, match=r"exit code 3\nwhy\n"):
        run(sys.executable, "-c", "import sys; print('why', file=sys.stderr); sys.exit(3)")


def test_the_pythons_at_hand_are_what_they_are_called() -> None:
    assert interpreter("3.99") is None
    for minor, path in at_hand().items():
        assert minor in pythons()
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        assert run(path, "-c", code) == f"{minor}\n"


EXAMPLE = "# Title\n```python\nprint(1 + 1)  # {}\n```\n"


def test_an_example_has_to_print_what_it_says() -> None:
    assert try_examples(Path(sys.executable), EXAMPLE.format(2)) == 1
    with pytest.raises(Failure, match=r"an example prints \['2'\], not \['3'\]"):
        try_examples(Path(sys.executable), EXAMPLE.format(3))
    with pytest.raises(Failure, match="no example"):
        try_examples(Path(sys.executable), "# Title\n")


# What is built; seconds each


@pytest.fixture(scope="module")
def dist(checkout: Checkout, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("release") / "dist"
    build_all(folder, checkout.root, epoch="1700000000")
    return folder


@pytest.mark.packaging
def test_what_is_built_has_no_fault(dist: Path, checkout: Checkout) -> None:
    found = artifacts(dist)
    assert missing(found, checkout.root) == []
    assert len(found) == 2 * len(BRINGS)
    assert {str(each): list(faults(each, checkout.root)) for each in found} == {
        str(each): [] for each in found
    }


@pytest.mark.packaging
@pytest.mark.skipif(sys.version_info < (3, 10), reason="hatch needs Python 3.10")
def test_the_tools_of_others_have_nothing_against_it(dist: Path, checkout: Checkout) -> None:
    hatch = (sys.executable, "-m", "hatch", "run")
    printed = run(*hatch, "release:verify", "--dist", dist, cwd=checkout.root)
    assert printed.count(": passed") == 2 * len(BRINGS)


@pytest.mark.packaging
def test_each_user_gets_what_they_need_and_no_more(dist: Path, tmp_path: Path) -> None:
    tried = try_as_each_user(dist, tmp_path)
    assert tried[0] == "pip install ws-frames: ws-frames; 3 examples run"
    assert len(tried) == len(BRINGS)


@pytest.mark.packaging
def test_more_than_a_user_needs_is_a_failure(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installing, "BRINGS", {"ws-http": []})
    with pytest.raises(Failure, match="pip install ws-http gives ws-frames, ws-http"):
        try_as_each_user(dist, tmp_path)


@pytest.mark.packaging
def test_two_builds_are_equal(checkout: Checkout, tmp_path: Path) -> None:
    if shutil.which("git") is None or not checkout.root.joinpath(".git").exists():
        pytest.skip("the time of a build is that of a commit, and this is no clone")
    compiled = interpreter("{}.{}".format(*sys.version_info[:2])) == Path(sys.executable)
    # The others are compared by `hatch run release:again`.
    digests = repeat(tmp_path, checkout.root, compiled=compiled, names=["ws-frames"])
    assert len(digests) == 2 + compiled


@pytest.mark.packaging
def test_a_build_without_a_compiler_fails_where_the_c_is_required(
    dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(processes.SETTINGS, "CC", "/nonexistent/cc")
    (sdist,) = dist.glob("ws_frames-*.tar.gz")
    with pytest.raises(Failure, match="/nonexistent/cc"):
        build_wheel(sdist, tmp_path, epoch="1700000000", speedups="require")
