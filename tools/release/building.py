"""From the checkout to sdists, and from these to wheels: what a user builds, we have built."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from .checkout import ROOT, commit_time, packages
from .processes import run

__all__ = ["build_all", "build_wheel"]


def build_all(
    folder: Path, root: Path = ROOT, *, epoch: str = "", names: Sequence[str] = ()
) -> list[Path]:
    """Build an sdist and a wheel for any Python of each package, or of some, into a folder.

    The wheel of ws-frames is without the C: it is for where no other one fits.
    """
    epoch = epoch or commit_time(root)
    sdists = [
        build("--sdist", root / "packages" / name, folder, SOURCE_DATE_EPOCH=epoch)
        for name in names or packages(root)
    ]
    wheels = [build_wheel(sdist, folder, epoch=epoch, speedups="never") for sdist in sdists]
    return [*sdists, *wheels]


def build_wheel(
    sdist: Path,
    folder: Path,
    *,
    epoch: str,
    speedups: str,
    python: str | Path = sys.executable,
) -> Path:
    """Build a wheel of an sdist by one Python; ``speedups`` says whether the C must be in it."""
    variables = {"SOURCE_DATE_EPOCH": epoch, "WS_FRAMES_SPEEDUPS": speedups}
    return build("--wheel", sdist, folder, python, **variables)


def build(
    kind: str,
    source: Path,
    folder: Path,
    python: str | Path = sys.executable,
    **variables: str,
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    before = {path: path.stat().st_mtime_ns for path in folder.iterdir()}
    options = ("--no-create-gitignore", "--python", python, "--out-dir", folder)
    run(uv(), "build", kind, *options, source, cwd=None, **variables)
    (made,) = [path for path in folder.iterdir() if path.stat().st_mtime_ns != before.get(path)]
    return made


def uv() -> Path | str:
    """The uv of this environment, which it has as a dependency, or one on PATH."""
    beside = Path(sys.executable).with_name("uv.exe" if sys.platform == "win32" else "uv")
    return beside if beside.exists() else "uv"
