"""Connections without sockets, to test handlers fast and deterministically.

    async with connected_pair() as (client, server):
        await client.send("Hello")
        assert await server.recv() == "Hello"

Both are real connections, with the opening handshake behind them; only what is under
them is memory instead of TCP.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Callable

from ws_http import parse_uri

from .client_protocol import WebSocketClientProtocol
from .handlers import ConnectionT, Handler, adapt_handler
from .server import WebSocketServer
from .server_protocol import WebSocketServerProtocol

__all__ = ["MemoryTransport", "connected_pair", "memory_transports"]

ADDRESSES = {"sockname": ("192.0.2.1", 1), "peername": ("192.0.2.2", 2)}


class MemoryTransport(asyncio.Transport):
    """One end of a connection in memory.

    What is written arrives at the other end in the next turn of the event loop, unless
    reading is paused there; then it counts as unwritten here, as it does with a full
    socket, and pauses the writer above the high-water mark.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, extra: dict[str, Any]) -> None:
        super().__init__(extra)
        self._loop = loop
        self._protocol: asyncio.Protocol | None = None
        self._peer: MemoryTransport | None = None
        self._incoming = bytearray()
        self._incoming_eof = False
        self._scheduled = False
        self._reading = True
        self._eof_written = False
        self._closing = False
        self._high_water = 65_536
        self._writing_paused = False

    def attach(self, protocol: asyncio.BaseProtocol, peer: MemoryTransport) -> None:
        """Connect the transport to its protocol and to the other end."""
        self.set_protocol(protocol)
        self._peer = peer
        protocol.connection_made(self)

    # What a protocol calls

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self._protocol = protocol

    def get_protocol(self) -> asyncio.BaseProtocol:
        assert self._protocol is not None
        return self._protocol

    def is_closing(self) -> bool:
        return self._closing

    def is_reading(self) -> bool:
        return self._reading and not self._closing

    def pause_reading(self) -> None:
        self._reading = False

    def resume_reading(self) -> None:
        self._reading = True
        self._schedule()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        self._high_water = 65_536 if high is None else high

    def get_write_buffer_size(self) -> int:
        return 0 if self._peer is None else len(self._peer._incoming)

    def write(self, data: Any) -> None:
        peer = self._peer
        if self._closing or peer is None or peer._closing:
            return
        if self._eof_written:
            raise RuntimeError("cannot write after write_eof()")
        peer._incoming += data
        peer._schedule()
        if len(peer._incoming) > self._high_water and not self._writing_paused:
            self._writing_paused = True
            assert self._protocol is not None
            self._protocol.pause_writing()

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        if self._eof_written:
            return
        self._eof_written = True
        if self._peer is not None:
            self._peer._incoming_eof = True
            self._peer._schedule()

    def close(self) -> None:
        if not self._closing:
            self._closing = True
            self.write_eof()
            self._loop.call_soon(self._lose, None)

    def abort(self) -> None:
        """Close it at once; the other end sees a reset connection."""
        if not self._closing:
            self._closing = True
            self._eof_written = True
            self._loop.call_soon(self._lose, None)
            if self._peer is not None:
                self._peer.reset()

    def reset(self) -> None:
        """Lose the connection as if the other end had reset it."""
        if not self._closing:
            self._closing = True
            self._eof_written = True
            self._loop.call_soon(self._lose, ConnectionResetError("connection reset by peer"))

    # Delivery

    def _schedule(self) -> None:
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon(self._deliver)

    def _deliver(self) -> None:
        self._scheduled = False
        protocol = self._protocol
        if protocol is None or self._closing or not self._reading:
            return
        if self._incoming:
            data = bytes(self._incoming)
            self._incoming.clear()
            if self._peer is not None:
                self._peer._note_room()
            protocol.data_received(data)
            self._schedule()
        elif self._incoming_eof:
            self._incoming_eof = False
            if not protocol.eof_received():
                self.close()

    def _note_room(self) -> None:
        if self._writing_paused and self._protocol is not None:
            self._writing_paused = False
            self._protocol.resume_writing()

    def _lose(self, exc: Exception | None) -> None:
        protocol, self._protocol, self._peer = self._protocol, None, None
        if protocol is not None:
            protocol.connection_lost(exc)


def memory_transports() -> tuple[MemoryTransport, MemoryTransport]:
    """Make the two ends of a connection; call ``attach()`` on both."""
    loop = asyncio.get_running_loop()
    swapped = {"sockname": ADDRESSES["peername"], "peername": ADDRESSES["sockname"]}
    return MemoryTransport(loop, dict(ADDRESSES)), MemoryTransport(loop, swapped)


@asynccontextmanager
async def connected_pair(
    handler: Handler[ConnectionT] | None = None,
    *,
    path: str = "/",
    create_client: Callable[..., WebSocketClientProtocol] = WebSocketClientProtocol,
    create_server: Callable[..., WebSocketServerProtocol] = WebSocketServerProtocol,
    client_options: dict[str, Any] | None = None,
    server_options: dict[str, Any] | None = None,
) -> AsyncIterator[tuple[WebSocketClientProtocol, WebSocketServerProtocol]]:
    """Open a connection in memory; an asynchronous context manager that closes it.

    Gives the client's side and the server's. ``handler`` runs on the server's side, as
    with :func:`serve`; without one, use that side directly. The options are the
    arguments of both protocol classes. Keepalive is off unless they say otherwise.

    Raises what the opening handshake raises on the client's side.
    """
    server = create_server(
        adapt_handler(handler or use_directly),
        WebSocketServer(),
        **{"ping_interval": None, **(server_options or {})},
    )
    client = create_client(**{"ping_interval": None, **(client_options or {})})
    client_end, server_end = memory_transports()
    server_end.attach(server, client_end)
    client_end.attach(client, server_end)
    try:
        await client.handshake(parse_uri(f"ws://localhost{path}"))
        yield client, server
    finally:
        if client.state is client.state.CONNECTING:
            client_end.abort()
        else:
            await client.close()
        await asyncio.wait([server.handler_task])


async def use_directly(connection: WebSocketServerProtocol, path: str) -> None:
    await connection.wait_closed()
