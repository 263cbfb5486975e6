"""How large reads come from TCP into the inbox."""

from __future__ import annotations

import asyncio
import sys
from weakref import WeakKeyDictionary

from ws_frames import IMPLEMENTATION, Inbox

from .work import LARGE_READ

__all__ = ["Reader", "lend_buffer"]

#: Those that fill a buffer and tell of it in one go, so that connections can share one.
MODULES = {"asyncio.selector_events", "uvloop.loop"}
if sys.version_info >= (3, 11):  # before that, TLS makes an object of what it read, and copies it
    MODULES.add("asyncio.sslproto")

#: The buffers of each event loop, by their sizes.
buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, memoryview]] = WeakKeyDictionary()


class Reader(asyncio.BufferedProtocol):
    """What a transport calls once reads are large.

    Bytes are read into a buffer, out of which the inbox parses them: no object is made for a
    read. All else is handed on to the protocol that this one stands in for.
    """

    __slots__ = ("_protocol", "buffer_updated", "get_buffer")

    def __init__(self, protocol: asyncio.Protocol, inbox: Inbox) -> None:
        self._protocol = protocol
        self.get_buffer = inbox.get_buffer  # type: ignore[method-assign, assignment]
        self.buffer_updated = inbox.buffer_updated  # type: ignore[method-assign, assignment]

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def lend_buffer(
    loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, least: int
) -> memoryview | None:
    """Give what a transport may read into; None where it can't be shared, or nobody parses it.

    The C parses out of it, where Python has to make ``bytes`` of it first. It is four times as
    large as ``least``, as asyncio's own reads are by default: what fills reads takes less time
    then. A size that is small to begin with was asked for.
    """
    if IMPLEMENTATION != "c" or type(transport).__module__ not in MODULES:
        return None
    size = max(least, 1) if least < LARGE_READ else 4 * least
    of_loop = buffers.setdefault(loop, {})
    buffer = of_loop.get(size)
    if buffer is None:
        buffer = of_loop[size] = memoryview(bytearray(size))
    return buffer
