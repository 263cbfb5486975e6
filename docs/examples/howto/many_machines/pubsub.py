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


class Rooms:
    """Who is at this server, by the name of the room."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.members: dict[str, set[WebSocketServerProtocol]] = defaultdict(set)

    async def join(self, ws: WebSocketServerProtocol, path: str) -> None:
        room = f"room:{path}"
        self.members[room].add(ws)
        try:
            async for message in ws:
                if isinstance(message, bytes):
                    await ws.close(1003, "text only")
                    return
                await self.client.publish(room, message)
        except redis.ConnectionError:
            await ws.close(1013, "try again later")
        finally:
            self.members[room].remove(ws)
            if not self.members[room]:
                del self.members[room]

    async def relay(self, server: WebSocketServer) -> None:
        """Hand on what is published to those who are here."""
        while True:
            try:
                async with self.client.pubsub() as subscription:
                    await subscription.psubscribe("room:*")
                    await server.start_serving()
                    async for event in subscription.listen():
                        if event["type"] == "pmessage":
                            broadcast(self.members.get(event["channel"], ()), event["data"])
            except redis.ConnectionError as exc:
                logger.warning("no Redis: %s", exc)
                await asyncio.sleep(1)


async def main(port: int) -> None:
    rooms = Rooms(redis.from_url(REDIS, decode_responses=True))
    # It listens once it is subscribed, so that nobody misses anything.
    async with serve(rooms.join, "127.0.0.1", port, start_serving=False) as server:
        await rooms.relay(server)


logging.basicConfig(level=logging.INFO)
asyncio.run(main(int(sys.argv[1])))
