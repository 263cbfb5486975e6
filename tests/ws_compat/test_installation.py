"""Two distributions of one name in one folder: what is found, and what is said."""

from __future__ import annotations

import sys
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Callable

import pytest

from ws_compat.installation import REPAIR, check_installation

# A package as ours, with a name of its own.
SOURCE = """
from ws_compat import check_installation
check_installation(__name__, __path__[0], ["inner", "package"])
"""
OURS = ["__init__.py", "__main__.py", "inner.py", "package/__init__.py", "py.typed"]

#: Import the package from a folder that also has these files; gives what is said.
Import = Callable[..., "list[str]"]


@pytest.fixture(autouse=True)
def _modules() -> Iterator[None]:
    before = dict(sys.modules)
    yield
    for name in set(sys.modules) - set(before):
        del sys.modules[name]


def imported(place: Path) -> list[str]:
    with warnings.catch_warnings(record=True) as caught, pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("always")
        patch.syspath_prepend(place)
        import shared  # type: ignore[import-not-found]  # noqa: F401
    assert {(each.category, each.filename) for each in caught} <= {(RuntimeWarning, __file__)}
    return [str(each.message) for each in caught]


@pytest.fixture
def import_beside(tmp_path: Path) -> Import:
    def import_beside(*files: str) -> list[str]:
        for file in [*(f"shared/{each}" for each in OURS), *files]:
            path = tmp_path / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
        tmp_path.joinpath("shared", "__init__.py").write_text(SOURCE, encoding="utf-8")
        return imported(tmp_path)

    return import_beside


def warning(folder: Path, found: str) -> str:
    return f"{folder} is shared with another distribution called shared ({found}); {REPAIR}"


def test_a_package_alone_is_imported_without_a_word(import_beside: Import) -> None:
    assert import_beside("shared-9.0.0.dist-info/METADATA", "shared_by_all-1.0.dist-info/X") == []


@pytest.mark.parametrize(
    "file", ["frames.py", "speedups.cpython-311-x86_64-linux-gnu.so", "speedups.pyd", "sync/x.py"]
)
def test_a_module_of_another_distribution_is_told(
    import_beside: Import, tmp_path: Path, file: str
) -> None:
    (said,) = import_beside(f"shared/{file}")
    assert said == warning(tmp_path / "shared", file.partition("/")[0])


@pytest.mark.parametrize("file", ["speedups.c", "frames.pyi", "inner.py~", ".hidden/x", "NOTICE"])
def test_what_cannot_be_imported_does_not_matter(import_beside: Import, file: str) -> None:
    assert import_beside(f"shared/{file}") == []


def test_two_sets_of_metadata_are_told(import_beside: Import, tmp_path: Path) -> None:
    files = ["shared-9.0.0.dist-info", "shared-17.4.dist-info"]
    (said,) = import_beside(*(f"{file}/METADATA" for file in files))
    assert said == warning(tmp_path / "shared", "shared-17.4.dist-info, shared-9.0.0.dist-info")


def test_of_many_modules_some_are_told(import_beside: Import, tmp_path: Path) -> None:
    (said,) = import_beside(*(f"shared/{letter}.py" for letter in "edcba"))
    assert said == warning(tmp_path / "shared", "a.py, b.py, c.py, d.py, ...")


def test_in_an_archive_there_is_nothing_to_see(tmp_path: Path) -> None:
    archive = tmp_path / "shared.zip"
    with zipfile.ZipFile(archive, "w") as writer:
        writer.writestr("shared/__init__.py", SOURCE)
        writer.writestr("shared/frames.py", "")
    assert imported(archive) == []


def test_a_folder_that_is_gone_is_no_error(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_installation("shared", str(tmp_path / "a" / "b"), [])
