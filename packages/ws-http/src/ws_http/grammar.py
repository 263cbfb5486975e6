"""The grammar that header values share: tokens, quoted strings, lists (RFC 7230 §3.2.6 and §7).

A :class:`Scanner` reads a value from left to right, in time linear in its length,
and says where it stopped when it does not find what is due.
"""

from __future__ import annotations

import re
from typing import Callable, TypeVar

from .display import display_header
from .exceptions import InvalidHeaderFormat, SecurityError

__all__ = ["MAX_ITEMS", "TOKEN68", "Scanner", "build_quoted_string", "is_token", "is_token68"]

T = TypeVar("T")

#: Items of a list, with the parameters that they have. Browsers send up to three
#: extensions; each item costs microseconds to read and to negotiate, and 64 KiB of a
#: request hold 32,768 of them.
MAX_ITEMS = 128

# "token = 1*tchar"
_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")

# "token68 = 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"=""
TOKEN68 = r"[-._~+/0-9A-Za-z]+=*"
_TOKEN68 = re.compile(TOKEN68)

_OWS = re.compile(r"[\t ]*")

# "a recipient MUST parse and ignore a reasonable number of empty list elements"
_EMPTY_ITEMS = re.compile(r"[\t ,]*")

# What "qdtext" and "quoted-pair" allow between the quotes.
_QUOTABLE = re.compile(r"[\t -\x7e\x80-\xff]*")


class Scanner:
    """Reads ``value``, the value of the header ``name``.

    Every method raises InvalidHeaderFormat, with the position, where the value does
    not go on with what the method is to read.
    """

    def __init__(self, name: str, value: str) -> None:
        self.name = name
        self.value = value
        self.pos = 0
        self._items = 0

    def error(self, message: str) -> InvalidHeaderFormat:
        """Return the exception that says ``message`` of the current position."""
        shown = display_header(self.name, self.value)
        return InvalidHeaderFormat(self.name, message, shown, self.pos)

    def count_item(self) -> None:
        """Raise SecurityError if this is an item or a parameter too many."""
        self._items += 1
        if self._items > MAX_ITEMS:
            raise SecurityError(f"over {MAX_ITEMS} items in {self.name} header")

    def at_end(self) -> bool:
        """Return whether the whole value is read."""
        return self.pos == len(self.value)

    def match(self, pattern: re.Pattern[str], expected: str) -> str:
        """Read what ``pattern`` matches, and return its first group, or all of it."""
        match = pattern.match(self.value, self.pos)
        if match is None:
            raise self.error(f"expected {expected}")
        self.pos = match.end()
        return match[min(pattern.groups, 1)]

    def skip(self, char: str) -> bool:
        """Read ``char`` with the white space around it, if it is next; return whether it is."""
        self.skip_spaces()
        if not self.value.startswith(char, self.pos):
            return False
        self.pos += 1
        self.skip_spaces()
        return True

    def skip_spaces(self) -> None:
        """Read optional white space ("OWS = *( SP / HTAB )")."""
        self.match(_OWS, "white space")

    def token(self) -> str:
        """Read a token."""
        return self.match(_TOKEN, "token")

    def quoted_string(self) -> str:
        """Read a quoted string, and return what it stands for.

        "quoted-string = DQUOTE *( qdtext / quoted-pair ) DQUOTE". There may be thousands of
        pairs, each of which takes a pattern some microseconds.
        """
        start = self.pos + 1
        end = find_quote(self.value, start) if self.value.startswith('"', self.pos) else -1
        if end < 0 or _QUOTABLE.fullmatch(self.value, start, end) is None:
            raise self.error("expected quoted string")
        self.pos = end + 1
        # In between there is no backslash that a pair of backslashes could begin with.
        between = self.value[start:end].split("\\\\")
        return "\\".join([text.replace("\\", "") for text in between])

    def token68(self) -> str:
        """Read a token68 (RFC 7235 §2.1)."""
        return self.match(_TOKEN68, "token68")

    def token_or_quoted_string(self) -> str:
        """Read either, and return what it stands for."""
        if self.value.startswith('"', self.pos):
            return self.quoted_string()
        return self.token()

    def items(self, item: Callable[[Scanner], T]) -> list[T]:
        """Read the rest of the value as "1#item": items between commas, one at least.

        Raises SecurityError for more than :data:`MAX_ITEMS`.
        """
        items: list[T] = []
        self.match(_EMPTY_ITEMS, "comma")
        while not (items and self.at_end()):
            self.count_item()
            items.append(item(self))
            self.skip_spaces()
            if not self.at_end() and not self.value.startswith(",", self.pos):
                raise self.error("expected comma")
            self.match(_EMPTY_ITEMS, "comma")
        return items


def find_quote(text: str, start: int) -> int:
    """Return where the first quote is that is not escaped; -1 if there is none."""
    # Piece by piece, each twice as long: not all of what follows, for each string of many.
    size = 64
    while True:
        # Up to that quote, each backslash begins a pair or is the second of one.
        piece = text[start : start + size].replace("\\\\", "  ").replace('\\"', "  ")
        end = piece.find('"')
        if end >= 0:
            return start + end
        if start + size >= len(text):
            return -1
        size *= 2


def is_token(text: str) -> bool:
    """Return whether ``text`` is a token."""
    return _TOKEN.fullmatch(text) is not None


def is_token68(text: str) -> bool:
    """Return whether ``text`` is a token68: base64 and the like."""
    return _TOKEN68.fullmatch(text) is not None


def build_quoted_string(text: str) -> str:
    """Return ``text`` as a quoted string.

    Raises ValueError for a control character or a character outside ISO-8859-1.
    """
    if _QUOTABLE.fullmatch(text) is None:
        raise ValueError("quoted string has a control character or one outside ISO-8859-1")
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
