"""Rooms: what somebody says in one is sent to all that are in it."""

from __future__ import annotations

import asyncio
from collections import defaultdict

from ws_asyncio import WebSocketServerProtocol, broadcast, serve

rooms: dict[str, set[WebSocketServerProtocol]] = defaultdict(set)


async def join(ws: WebSocketServerProtocol, path: str) -> None:
    room = rooms[path]
    room.add(ws)
    try:
        async for message in ws:
            broadcast(room, message)
    finally:
        room.remove(ws)
        if not room:
            del rooms[path]


async def main() -> None:
    async with serve(join, "127.0.0.1", 8765) as server:
        await server.serve_forever()


asyncio.run(main())
