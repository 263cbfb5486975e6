"""What comes out of a target, as words; and what of it is wanted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Union

__all__ = [
    "EOF",
    "GONE",
    "OPEN",
    "SILENCE",
    "Token",
    "Value",
    "Want",
    "begins",
    "closed",
    "got_binary",
    "got_pong",
    "got_text",
    "http",
    "in_words",
    "matches",
    "maybe",
]

Value = Union[str, bytes, int]


class Token(NamedTuple):
    """
    One thing that came out.

    ``open``, ``subprotocol``, ``extensions``: of a response with status 101. ``http``,
    ``version``: another status, and its Sec-WebSocket-Version. ``text``, ``binary``, ``pong``:
    the payload. ``close``: the code. ``end``: "eof" or "reset" by the target, "kept" where it
    keeps the connection open after a response that isn't 101, "silence" where nothing came.
    ``wrong``: what the target itself does wrong.
    """

    kind: str
    value: Value = ""

    def __str__(self) -> str:
        if self.kind in ("text", "binary", "pong"):
            assert isinstance(self.value, bytes)
            return f"{self.kind} {shorten(self.value)}"
        value = str(self.value)  # of bytes it has been said above
        return value if self.kind == "end" else f"{self.kind} {value}".rstrip()


class Want(NamedTuple):
    """A token that is wanted: one of these values, or any."""

    kind: str
    values: tuple[Value, ...] = ()
    #: Whether it may be left out.
    optional: bool = False

    def accepts(self, token: Token) -> bool:
        return self.kind == token.kind and (not self.values or token.value in self.values)

    def __str__(self) -> str:
        words = "/".join(str(Token(self.kind, value)) for value in self.values) or self.kind
        return f"[{words}]" if self.optional else words


SILENCE = Token("end", "silence")

OPEN = Want("open")
#: The end of TCP by the target, in order.
EOF = Want("end", ("eof",))
#: The end of TCP by the target, in order or not.
GONE = Want("end", ("eof", "reset"))


def got_text(payload: str | bytes = "") -> Want:
    return Want("text", (payload.encode() if isinstance(payload, str) else payload,))


def got_binary(payload: bytes = b"") -> Want:
    return Want("binary", (payload,))


def got_pong(payload: bytes = b"") -> Want:
    return Want("pong", (payload,))


def closed(*codes: int) -> Want:
    """A close frame with one of these codes; 1005 is one without a body."""
    return Want("close", codes)


def http(*statuses: int) -> Want:
    return Want("http", statuses)


def maybe(want: Want) -> Want:
    return want._replace(optional=True)


# Comparing


def matches(wanted: Sequence[Want], tokens: Sequence[Token]) -> bool:
    """Whether the tokens are what is wanted, neither more nor less."""
    if not wanted:
        return not tokens
    first = wanted[0]
    if tokens and first.accepts(tokens[0]) and matches(wanted[1:], tokens[1:]):
        return True
    return first.optional and matches(wanted[1:], tokens)


def begins(wanted: Sequence[Want], tokens: Sequence[Token]) -> bool:
    """Whether the tokens may still become what is wanted."""
    if not tokens:
        return True
    if not wanted:
        return False
    first = wanted[0]
    if first.accepts(tokens[0]) and begins(wanted[1:], tokens[1:]):
        return True
    return first.optional and begins(wanted[1:], tokens)


# In words


def in_words(tokens: Sequence[Token | Want]) -> str:
    words: list[str] = []
    repeats = 0
    for index, token in enumerate(tokens):
        if index + 1 < len(tokens) and tokens[index + 1] == token:
            repeats += 1
            continue
        words.append(f"{token}" if not repeats else f"{repeats + 1} x {token}")
        repeats = 0
    if len(words) > 12:
        words[6:-6] = [f"... {len(words) - 12} more ..."]
    return ", ".join(words) or "nothing"


def shorten(data: bytes) -> str:
    if len(data) > 24:
        return f"of {len(data)} bytes"
    return ascii(data)[1:]
