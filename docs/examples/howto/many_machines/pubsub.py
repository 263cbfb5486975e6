"""Rooms over many servers: what is said at one of them is heard at all, through Redis."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections import defaultdict
from typing import Any

from redis import asyncio as redis

from ws_asyncio import WebSocketServer, WebSocketServerProtocol, broadcast, serve

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379")

logger = logging.getLogger("chat")
rooms: dict[str, set[WebSocketServerProtocol]] = defaultdict(set)
client: Any = redis.from_url(REDIS, decode_responses=True)


async def join(ws: WebSocketServerProtocol, path: str) -> None:
    room = f"room:{path}"
    rooms[room].add(ws)
    try:
        async for message in ws:
            await client.publish(room, message)
    except redis.ConnectionError:
        await ws.close(1013, "try again later")
    finally:
        rooms[room].remove(ws)
        if not rooms[room]:
            del rooms[room]


async def relay(server: WebSocketServer) -> None:
    """Hand on what is published to those who are here."""
    while True:
        try:
            async with client.pubsub() as subscription:
                await subscription.psubscribe("room:*")
                await server.start_serving()
                async for event in subscription.listen():
                    if event["type"] == "pmessage":
                        broadcast(rooms.get(event["channel"], ()), event["data"])
        except redis.ConnectionError as exc:
            logger.warning("no Redis: %s", exc)
            await asyncio.sleep(1)


async def main(port: int) -> None:
    # It listens once it is subscribed, so that nobody misses anything.
    async with serve(join, "127.0.0.1", port, start_serving=False) as server:
        await relay(server)


logging.basicConfig(level=logging.INFO)
asyncio.run(main(int(sys.argv[1])))
