"""How large reads come from TCP into the inbox."""

from __future__ import annotations

import asyncio
from weakref import WeakKeyDictionary

from ws_frames import IMPLEMENTATION, Inbox

from .work import LARGE_READ

__all__ = ["Reader", "may_share", "shared_buffer"]

#: Those that fill a buffer and tell of it in one go, so that connections can share one.
MODULES = {"asyncio.selector_events", "uvloop.loop"}

#: The longest buffer.
MOST = 2**20

#: The buffers of each event loop, by their sizes.
buffers: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[int, memoryview]] = WeakKeyDictionary()


class Reader(asyncio.BufferedProtocol):
    """What a transport calls once reads are large.

    Bytes are read into a buffer, out of which the inbox parses them: no object is made for a
    read. All else is handed on to the protocol that this one stands in for.
    """

    __slots__ = ("_protocol", "buffer_updated", "data_received", "get_buffer")

    def __init__(self, protocol: asyncio.Protocol, inbox: Inbox) -> None:
        self._protocol = protocol
        self.get_buffer = inbox.get_buffer  # type: ignore[method-assign, assignment]
        self.data_received = inbox.receive  # for a protocol that stands before this one
        self.buffer_updated = inbox.buffer_updated  # type: ignore[method-assign, assignment]

    def eof_received(self) -> bool | None:
        return self._protocol.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        self._protocol.connection_lost(exc)

    def pause_writing(self) -> None:
        self._protocol.pause_writing()

    def resume_writing(self) -> None:
        self._protocol.resume_writing()


def may_share(transport: asyncio.Transport, read_limit: int) -> bool:
    """Whether a transport may read into a buffer that connections share.

    That is worth it in C: Python makes ``bytes`` of what is there. With TLS, transports read one
    buffer at the end of TCP, and drop what is left. A small limit is for small reads.
    """
    return (
        IMPLEMENTATION == "c"
        and read_limit >= LARGE_READ
        and type(transport).__module__ in MODULES
        and transport.get_extra_info("sslcontext") is None
    )


def shared_buffer(loop: asyncio.AbstractEventLoop, read_limit: int) -> memoryview:
    """Give the buffer of an event loop for connections with this limit.

    It is four times as large, as asyncio's own reads are by default: what fills reads takes less
    time then.
    """
    size = min(4 * read_limit, MOST)
    of_loop = buffers.setdefault(loop, {})
    buffer = of_loop.get(size)
    if buffer is None:
        buffer = of_loop[size] = memoryview(bytearray(size))
    return buffer
