"""How long what a peer sends may be."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["DEFAULT_LIMITS", "Limits"]


class Limits(NamedTuple):
    """The limits on a request or a response; all but one in bytes."""

    #: A line without its CRLF: what Apache and nginx take by default. A cookie of 4,096
    #: bytes, the most that browsers keep, fits.
    line: int = 8_192
    #: The number of headers; Apache takes 100.
    headers: int = 128
    #: The start line and all headers, and for a client those of interim responses too.
    total: int = 65_536
    #: The body of a response that refuses the handshake; what is over it is dropped.
    body: int = 65_536
    #: What may arrive behind a request before it is answered. RFC 6455 allows nothing,
    #: and one read of a socket may bring 256 KiB.
    trailing: int = 524_288


DEFAULT_LIMITS = Limits()
