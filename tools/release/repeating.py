"""Two builds of one commit are equal, byte by byte, wherever they are made."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

from .building import build_all, build_wheel
from .checkout import ROOT, commit_time
from .processes import Failure

__all__ = ["differences", "repeat"]

# What is no part of a commit.
LEFTOVERS = ("__pycache__", "*.so", "*.pyd", "_speedups.txt", ".mypy_cache", ".ruff_cache")


def repeat(
    scratch: Path, root: Path = ROOT, *, compiled: bool = True, names: Sequence[str] = ()
) -> dict[str, str]:
    """Build all packages, or some, here and from a copy elsewhere; gives the digests.

    With ``compiled``, the wheel with the C too, by this Python. Raises Failure where the two
    differ.
    """
    epoch = commit_time(root)
    copy = scratch / "elsewhere" / "checkout"
    shutil.copytree(root / "packages", copy / "packages", ignore=shutil.ignore_patterns(*LEFTOVERS))
    shutil.copy(root / ".gitignore", copy)  # it is in the sdists
    digests = []
    for number, source in enumerate((root, copy)):
        folder = scratch / f"build-{number}"
        build_all(folder, source, epoch=epoch, names=names)
        if compiled:
            (sdist,) = folder.glob("ws_frames-*.tar.gz")
            build_wheel(sdist, folder, epoch=epoch, speedups="require")
        digests.append(digest_files(folder))
    found = differences(*digests)
    if found:
        raise Failure(f"built differently the second time: {', '.join(found)}")
    return digests[0]


def digest_files(folder: Path) -> dict[str, str]:
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def differences(first: dict[str, str], second: dict[str, str]) -> list[str]:
    """The names of those that are not the same in both."""
    names = sorted(first.keys() | second.keys())
    return [name for name in names if first.get(name) != second.get(name)]
