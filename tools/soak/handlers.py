"""What the server under test does with a connection, by its path."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Callable
from urllib.parse import parse_qsl

from soak.leaks import Leak
from ws_asyncio import WebSocketCommonProtocol, broadcast

__all__ = ["Deliberate", "Handlers"]

Handler = Callable[..., Awaitable[None]]


class Deliberate(Exception):
    """What a handler raises because it was asked to."""


class Handlers:
    """The handlers, and how many of them are at work."""

    def __init__(self, leak: Leak | None = None) -> None:
        self.count = 0
        self.held: set[WebSocketCommonProtocol] = set()
        self._leak = leak
        self._rooms: dict[str, set[WebSocketCommonProtocol]] = {}

    async def handle(self, ws: WebSocketCommonProtocol, path: str) -> None:
        # urlsplit() would keep each path.
        name, _, query = path.partition("?")
        handler: Handler = getattr(self, name.strip("/"))
        self.count += 1
        try:
            if self._leak is not None:
                self._leak(ws)
            await handler(ws, **dict(parse_qsl(query)))
        finally:
            self.count -= 1

    async def echo(self, ws: WebSocketCommonProtocol) -> None:
        async for message in ws:
            await ws.send(message)

    async def fragments(self, ws: WebSocketCommonProtocol, size: str) -> None:
        """Echo each message in fragments of ``size``."""
        async for message in ws:
            step = int(size)
            starts = range(0, len(message), step)
            await ws.send([message[start : start + step] for start in starts] or [message])

    async def pings(self, ws: WebSocketCommonProtocol, count: str) -> None:
        """Ping the client so many times, then tell it."""
        for _ in range(int(count)):
            await (await ws.ping())
        await ws.send(count)

    async def flood(self, ws: WebSocketCommonProtocol, count: str, size: str) -> None:
        """Send numbered messages, as fast as the client takes them."""
        for number in range(int(count)):
            await ws.send(number.to_bytes(4, "big") + bytes(int(size)))

    async def hold(self, ws: WebSocketCommonProtocol) -> None:
        """Read nothing."""
        self.held.add(ws)
        try:
            await ws.wait_closed()
        finally:
            self.held.discard(ws)

    async def leave(self, ws: WebSocketCommonProtocol, code: str) -> None:
        """Read one message, and close."""
        await ws.recv()
        await ws.close(int(code), "as you wish")

    async def fail(self, ws: WebSocketCommonProtocol) -> None:
        await ws.recv()
        raise Deliberate

    async def room(self, ws: WebSocketCommonProtocol, name: str) -> None:
        """Tell everybody in the room what somebody says; to "?", how many hear it."""
        room = self._rooms.setdefault(name, set())
        room.add(ws)
        try:
            async for message in ws:
                if message == "?":
                    await ws.send(str(sum(member.open for member in room)))
                else:
                    broadcast(room, message)
        finally:
            room.discard(ws)
            if not room and self._rooms.get(name) is room:
                del self._rooms[name]
