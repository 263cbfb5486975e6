"""What the tests of the repository itself share."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Checkout:
    """A copy of the repository, or the repository itself, on disk."""

    root: Path

    def source(self, package: str) -> Path:
        """The folder of an import package."""
        (folder,) = self.root.glob(f"packages/*/src/{package}")
        return folder

    def plant(self, module: str, line: str) -> None:
        """Add a line to a module, such as ``ws_http/headers.py``."""
        package, _, rest = module.partition("/")
        path = self.source(package) / rest
        path.write_text(path.read_text(encoding="utf-8") + line + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def checkout() -> Checkout:
    """This repository, to be read only."""
    return Checkout(Path(__file__).resolve().parents[2])


@pytest.fixture
def copy(checkout: Checkout, tmp_path: Path) -> Checkout:
    """A copy of the sources and settings, to be changed at will."""
    root = tmp_path / "checkout"
    shutil.copytree(
        checkout.root / "packages",
        root / "packages",
        ignore=shutil.ignore_patterns("__pycache__", "*.so", "*.pyd"),
    )
    shutil.copy(checkout.root / "pyproject.toml", root)
    return Checkout(root)
