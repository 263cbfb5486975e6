"""What a connection tells its user besides messages (RFC 6455 §5.5)."""

from __future__ import annotations

from typing import NamedTuple, Union

from .close import Close
from .exceptions import PayloadTooBig, ProtocolError
from .frames import Data

__all__ = ["Event", "Failure", "Ping", "Pong"]


class Ping(NamedTuple):
    """A ping was received, and answered."""

    data: bytes


class Pong(NamedTuple):
    """A pong was received.

    ``answered`` holds the data of the pings that it answers, oldest first: the one
    with the same data and all that were sent before it. It is empty for a pong that
    nobody asked for.
    """

    data: bytes
    answered: tuple[bytes, ...]


class Failure(NamedTuple):
    """The peer did what it must not, so the connection was failed (§7.1.7)."""

    error: ProtocolError | PayloadTooBig


#: A message as ``str`` or ``bytes``, or one of the records above; ``Close`` is the
#: peer's close frame, which was answered if it had to be.
Event = Union[Data, Ping, Pong, Close, Failure]
