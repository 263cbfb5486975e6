"""How messages look on a terminal: harmless, one to a line, in colour where there is some."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

__all__ = ["Style", "describe_binary", "escape", "has_colour", "width"]

# Control characters and what else changes how text is laid out without being seen, such
# as directions and line separators. Characters that this Python doesn't know yet may be
# shown: str.isprintable() would hide new emoji, and the wide space of Japanese.
HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

# Join emoji, and letters of Arabic and Indic scripts.
JOINERS = "\u200c\u200d"


def escape(text: str) -> str:
    """Return text with escapes, such as ``\\x1b``, for what would act on the terminal."""
    if text.isprintable():
        return text
    return "".join(char if is_shown(char) else escape_character(char) for char in text)


def is_shown(char: str) -> bool:
    return unicodedata.category(char) not in HIDDEN or char in JOINERS


def escape_character(char: str) -> str:
    return char.encode("unicode_escape").decode("ascii")


def describe_binary(data: bytes, limit: int | None = None) -> str:
    """Show a binary message as its length and, at most ``limit`` bytes of it, in hexadecimal."""
    length = f"binary, {len(data):,} byte{'' if len(data) == 1 else 's'}"
    if not data:
        return length
    shown = data[:limit]
    return f"{length}: {shown.hex(' ')}{'' if len(shown) == len(data) else ' ...'}"


def width(text: str) -> int:
    """Count the columns that text takes on a terminal."""
    return sum(columns(char) for char in text)


def columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def has_colour(environ: Mapping[str, str]) -> bool:
    """Tell whether a terminal has colours, and its user wants them.

    "Command-line software which adds ANSI color to its output by default should check
    for a NO_COLOR environment variable that, when present and not an empty string
    (regardless of its value), prevents the addition of ANSI color." (no-color.org)
    """
    return not environ.get("NO_COLOR") and environ.get("TERM", "") not in ("", "dumb")


class Style:
    """Marks what kind of a line it is, in colour or without."""

    def __init__(self, colour: bool) -> None:
        self._colour = colour

    def message(self, text: str) -> str:
        """What arrived."""
        return f"{self._paint('36', '<')} {text}"

    def notice(self, text: str) -> str:
        """What happened to the connection."""
        return self._paint("2", text)

    def problem(self, text: str) -> str:
        """What was not done, and why."""
        return self._paint("31", text)

    def _paint(self, codes: str, text: str) -> str:
        return f"\x1b[{codes}m{text}\x1b[0m" if self._colour else text
