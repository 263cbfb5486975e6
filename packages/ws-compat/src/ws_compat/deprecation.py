"""Warnings of what is deprecated, each at the line that is to be changed."""

from __future__ import annotations

import sys
import warnings
from types import FrameType

from .replacements import REPLACEMENTS

__all__ = ["caller", "warn_caller", "warn_deprecated"]

# Lines of these call what is deprecated on behalf of somebody else: our own packages, and
# what Python runs between a class statement and ``__init_subclass__``.
BETWEEN = frozenset({"abc", "websockets", "ws_asyncio", "ws_compat", "ws_frames", "ws_http"})


def caller() -> FrameType:
    """Give the frame whose line asked for what these packages are doing now."""
    frame = sys._getframe()
    while frame.f_back is not None and package_of(frame) in BETWEEN:
        frame = frame.f_back
    return frame


def package_of(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


def warn_deprecated(what: str, instead: str | None = None) -> None:
    """Warn that ``what`` is deprecated, at the line of the caller.

    What to do instead is in ``REPLACEMENTS``, unless it is given.

    As with any warning, the filters decide what becomes of it; by default it is shown
    once a line, where that line is in ``__main__`` or under test.
    """
    if instead is None:
        _, instead = REPLACEMENTS[what]
    warn_caller(f"{what} is deprecated; {instead}")


def warn_caller(text: str) -> None:
    """Warn at the line of the caller, in words of one's own."""
    frame = caller()
    # Not warnings.warn(): its stack level counts frames, and between this one and the
    # caller's there may be any number, such as those of a subclass's constructor.
    warnings.warn_explicit(
        text,
        DeprecationWarning,
        filename=frame.f_code.co_filename,
        lineno=frame.f_lineno,
        module=frame.f_globals.get("__name__", "<unknown>"),
        registry=frame.f_globals.setdefault("__warningregistry__", {}),
    )
