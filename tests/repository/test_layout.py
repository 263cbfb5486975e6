"""
Where things are: each package complete, each module with a test file of its own.

The rules for test files: ``tests/<package>/test_<module>.py``, leading underscores left out.
A module of a subpackage has the file name of what it is about, so ``ws_frames/masking.py`` and
``ws_frames/pure/masking.py`` share ``test_masking.py``. ``__main__.py`` has ``test_main.py``.
An ``__init__.py`` hands on names only, and is compared with its ``__all__`` here.
What is tested in many ways has further files, each for what it is about. What several files
have in common is in a module beside them, and fixtures are in ``conftest.py``.
"""

from __future__ import annotations

import importlib
import inspect
import json
import warnings
from importlib.metadata import distribution, metadata
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = {
    "ws-frames": "ws_frames",
    "ws-http": "ws_http",
    "ws-deflate": "ws_deflate",
    "ws-asyncio": "ws_asyncio",
    "ws-compat": "ws_compat",
    "websockets": "websockets",
}
MODULES = [
    path.relative_to(ROOT).as_posix()
    for path in sorted(ROOT.glob("packages/*/src/**/*.py"))
    if path.name != "__init__.py"
]
NOT_HANDED_ON = {"TYPE_CHECKING", "annotations"}
FILES = ["CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml"]

every_package = pytest.mark.parametrize(("name", "package"), PACKAGES.items(), ids=PACKAGES)


def test_there_are_these_packages_and_no_others(checkout: Checkout) -> None:
    folders = {path.name for path in checkout.root.joinpath("packages").iterdir()}
    assert folders == set(PACKAGES)


@every_package
def test_a_package_is_complete(checkout: Checkout, name: str, package: str) -> None:
    folder = checkout.root / "packages" / name
    needed = [*FILES, f"src/{package}/__init__.py", f"src/{package}/py.typed"]
    assert [file for file in needed if not folder.joinpath(file).is_file()] == []
    assert [path.name for path in folder.joinpath("src").iterdir() if path.is_dir()] == [package]


def test_all_packages_have_the_same_license(checkout: Checkout) -> None:
    license_text = checkout.root.joinpath("LICENSE").read_bytes()
    copies = {path.read_bytes() for path in checkout.root.glob("packages/*/LICENSE")}
    assert copies == {license_text}


@every_package
def test_a_package_is_installed_from_this_checkout(
    checkout: Checkout, name: str, package: str
) -> None:
    text = distribution(name).read_text("direct_url.json")
    assert text is not None, f"{name} came from an index"
    origin = json.loads(text)
    assert origin["dir_info"] == {"editable": True}
    path = Path(url2pathname(urlsplit(origin["url"]).path))
    assert path.resolve() == checkout.root / "packages" / name
    source = importlib.import_module(package).__file__
    assert source is not None
    assert Path(source) == checkout.source(package) / "__init__.py"


@every_package
def test_only_the_meta_package_is_kept_from_the_public_index(name: str, package: str) -> None:
    classifiers = metadata(name).get_all("Classifier", [])
    assert ("Private :: Do Not Upload" in classifiers) == (name == "websockets")
    assert "Typing :: Typed" in classifiers


@every_package
def test_all_lists_what_a_package_hands_on(name: str, package: str) -> None:
    module = importlib.import_module(package)
    public = {
        key
        for key, value in vars(module).items()
        if not (key.startswith("_") or inspect.ismodule(value) or key in NOT_HANDED_ON)
    }
    listed = [key for key in module.__all__ if not key.startswith("_")]
    assert len(listed) == len(set(listed))
    assert public <= set(listed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        assert [key for key in module.__all__ if not hasattr(module, key)] == []


@pytest.mark.parametrize("module", MODULES)
def test_a_module_has_a_test_file_of_its_own(checkout: Checkout, module: str) -> None:
    _, _, _, package, *rest = module.split("/")
    subject = rest[-1][: -len(".py")].strip("_")
    expected = Path("tests", package, f"test_{subject}.py")
    if not checkout.root.joinpath(expected).is_file():
        pytest.fail(f"there is no {expected}", pytrace=False)


def test_the_test_folders_are_no_packages(checkout: Checkout) -> None:
    assert list(checkout.root.glob("tests/**/__init__.py")) == []
