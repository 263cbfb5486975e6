"""What a process under test runs on: an event loop, and the C or its pure twin."""

from __future__ import annotations

import importlib.util
import os
from pathlib import Path
from typing import NamedTuple

__all__ = ["KINDS", "Kind", "kinds_of"]

TOOLS = Path(__file__).resolve().parent.parent


class Kind(NamedTuple):
    loop: str
    twin: str

    def __str__(self) -> str:
        return f"{self.loop}, {self.twin}"

    @property
    def missing(self) -> str | None:
        """Why there are no such processes here; None if there are."""
        if self.loop == "uvloop" and importlib.util.find_spec("uvloop") is None:
            return "uvloop is not installed"
        if self.twin == "c" and os.environ.get("WS_FRAMES_SPEEDUPS") == "never":
            return "the C is switched off"
        if self.twin == "c" and importlib.util.find_spec("ws_frames._speedups") is None:
            return "the C is not built"
        return None

    @property
    def environment(self) -> dict[str, str]:
        """Variables of its processes."""
        return {
            # Packages that come first for whoever starts them come first for them too.
            "PYTHONPATH": os.pathsep.join(
                filter(None, [str(TOOLS), os.environ.get("PYTHONPATH", "")])
            ),
            "WS_FRAMES_SPEEDUPS": "require" if self.twin == "c" else "never",
            # Else they grow by themselves, and the C library keeps some MiB of what was freed.
            "MALLOC_MMAP_THRESHOLD_": "131072",
            "MALLOC_TRIM_THRESHOLD_": "131072",
        }


KINDS = {
    f"{loop}-{twin}": Kind(loop, twin) for loop in ("asyncio", "uvloop") for twin in ("c", "py")
}


def kinds_of(names: str | None) -> list[Kind]:
    """Read a list such as ``asyncio-c,uvloop-py``; without one, all that there are here."""
    if names is None:
        return [kind for kind in KINDS.values() if kind.missing is None]
    return [KINDS[name] for name in names.split(",")]
