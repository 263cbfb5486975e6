"""Rooms over many servers: what is said at one of them is heard at all, through NATS."""

from __future__ import annotations

import asyncio
import os
import sys
from collections import defaultdict
from typing import Any

import nats

from ws_asyncio import WebSocketServerProtocol, broadcast, serve

NATS = os.environ.get("NATS_URL", "nats://localhost:4222")

rooms: dict[str, set[WebSocketServerProtocol]] = defaultdict(set)


async def main(port: int) -> None:
    client: Any = await nats.connect(NATS, max_reconnect_attempts=-1)

    async def join(ws: WebSocketServerProtocol, path: str) -> None:
        room = f"room.{path.encode().hex()}"  # a subject has dots and * for meaning
        rooms[room].add(ws)
        try:
            async for message in ws:
                if isinstance(message, bytes):
                    await ws.close(1003, "text only")
                    return
                await client.publish(room, message.encode())
        finally:
            rooms[room].remove(ws)
            if not rooms[room]:
                del rooms[room]

    async def relay(event: Any) -> None:
        broadcast(rooms.get(event.subject, ()), event.data.decode())

    await client.subscribe("room.*", cb=relay)
    await client.flush()  # so that it is subscribed before anybody comes
    async with serve(join, "127.0.0.1", port) as server:
        await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
