"""Which console fits the place where the program runs."""

from __future__ import annotations

import os
import sys

from .console import Console
from .display import Style, has_colour
from .pipe import PipeConsole
from .plain import PlainConsole

__all__ = ["choose_console"]

# Old consoles of Windows show escape sequences instead of obeying them.
ANSI = os.name != "nt"


def choose_console() -> Console:
    """Make a console for the standard streams of this process."""
    for stream in (sys.stdout, sys.stderr):
        # Rather an escape than a traceback where the terminal isn't UTF-8.
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        return PipeConsole(descriptor(sys.stdin), sys.stdout, sys.stderr)
    style = Style(has_colour(os.environ))
    if os.environ.get("TERM") == "dumb":  # such as a shell inside an editor
        return PlainConsole(style, ansi=False)
    try:
        from .editor import EditorConsole
    except ImportError:
        return PlainConsole(style if ANSI else Style(False), ansi=ANSI)
    return EditorConsole(style)


def is_terminal(stream: object) -> bool:
    # Both are None in a process that was started without them.
    isatty = getattr(stream, "isatty", None)
    return isatty is not None and bool(isatty())


def descriptor(stream: object) -> int | None:
    fileno = getattr(stream, "fileno", None)
    return None if fileno is None else int(fileno())
