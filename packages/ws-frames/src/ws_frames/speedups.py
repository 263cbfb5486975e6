"""
The choice between the C functions and their pure-Python twins.

``WS_FRAMES_SPEEDUPS`` decides when this is first imported: ``auto`` (the default) takes the
C where it loads, ``never`` leaves it alone, ``require`` makes its absence an ImportError.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

__all__ = [
    "IMPLEMENTATION",
    "REASON",
    "Inbox",
    "Outbox",
    "Parser",
    "Stepper",
    "Waiter",
    "apply_mask",
    "encode_frame",
    "forget_masks",
    "new_mask",
]

TWINS = __all__[2:]

VARIABLE = "WS_FRAMES_SPEEDUPS"
MODES = ("auto", "require", "never")


def chosen_mode() -> str:
    mode = os.environ.get(VARIABLE, "").strip().lower() or "auto"
    if mode not in MODES:
        raise ImportError(f"{VARIABLE} is {mode!r}, must be one of {', '.join(MODES)}")
    return mode


def why_missing(error: ImportError) -> str:
    """What the build noted when it had to do without a compiler, else the error itself."""
    path = os.path.join(os.path.dirname(__file__), "_speedups.txt")
    try:
        with open(path, encoding="utf-8") as note:
            return note.read().strip()
    except OSError:
        return f"not built ({error})"


def reason_against(mode: str) -> str:
    """Why the C is not used; empty when it is."""
    if mode == "never":
        return f"switched off ({VARIABLE}=never)"
    try:
        from . import _speedups
    except ImportError as exc:
        if mode == "require":
            raise ImportError(f"{VARIABLE}=require: C speedups {why_missing(exc)}") from exc
        return why_missing(exc)
    # In a checkout, the library may have been built before the sources changed.
    missing = [name for name in TWINS if not hasattr(_speedups, name)]
    if missing and mode == "require":
        raise ImportError(f"{VARIABLE}=require: C speedups out of date (no {missing[0]})")
    return f"out of date (no {missing[0]})" if missing else ""


REASON = reason_against(chosen_mode())
"""Why the pure-Python functions are in use; empty with the C ones."""

IMPLEMENTATION = "python" if REASON else "c"
"""Which functions are in use: ``"c"`` or ``"python"``."""

# A type checker sees the twins that it can read; stubtest compares the stub to the others.
if TYPE_CHECKING or REASON:
    from .pure import (
        Inbox,
        Outbox,
        Parser,
        Stepper,
        Waiter,
        apply_mask,
        encode_frame,
        forget_masks,
        new_mask,
    )
else:
    from ._speedups import (
        Inbox,
        Outbox,
        Parser,
        Stepper,
        Waiter,
        apply_mask,
        encode_frame,
        forget_masks,
        new_mask,
    )

if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=forget_masks)
