"""Requests and responses (RFC 7230 §3): what is on the wire, and how it gets there."""

from __future__ import annotations

import functools
import re
from typing import NamedTuple, Tuple  # noqa: UP035

from .grammar import is_token
from .headers import Headers

__all__ = ["Request", "Response", "is_target"]

# "origin-form = absolute-path [ "?" query ]"; what is not allowed there but does no
# harm, such as a brace or a byte over 0x7f, is tolerated, as servers do.
_TARGET = re.compile(r"/[!\"$-~\x80-\xff]*")

# "reason-phrase = *( HTAB / SP / VCHAR / obs-text )"
_REASON = re.compile(r"[\t -~\x80-\xff]*")

_Version = Tuple[int, int]  # noqa: UP006


class Request(NamedTuple):
    """The head of a request."""

    method: str
    #: Path and query, in ISO-8859-1 where it is not ASCII.
    target: str
    headers: Headers
    version: _Version = (1, 1)

    def serialize(self) -> bytes:
        """Return the bytes to send.

        Raises ValueError for what cannot be sent: a space in the target, say. The
        text does not show it.
        """
        if not is_token(self.method):
            raise ValueError("method is not a token")
        if not is_target(self.target):
            raise ValueError("target does not start with a slash, or has a space or the like")
        line = f"{self.method} {self.target} HTTP/{self.version[0]:d}.{self.version[1]:d}\r\n"
        return line.encode("iso-8859-1") + self.headers.serialize()


class Response(NamedTuple):
    """A response."""

    status: int
    reason: str
    headers: Headers
    body: bytes = b""
    version: _Version = (1, 1)

    def serialize(self) -> bytes:
        """Return the bytes to send. Raises ValueError for what cannot be sent."""
        line = _status_line(self.version, self.status, self.reason)
        return line + self.headers.serialize() + self.body


@functools.lru_cache(maxsize=16, typed=True)  # most servers give the same few
def _status_line(version: _Version, status: int, reason: str) -> bytes:
    if not 100 <= status <= 599:
        raise ValueError(f"status {status} is not from 100 to 599")
    if _REASON.fullmatch(reason) is None:
        raise ValueError("reason phrase has a control character or one outside ISO-8859-1")
    return f"HTTP/{version[0]:d}.{version[1]:d} {status:d} {reason}\r\n".encode("iso-8859-1")


def is_target(target: str) -> bool:
    """Return whether ``target`` is a request target in origin form (RFC 7230 §5.3.1)."""
    return _TARGET.fullmatch(target) is not None
