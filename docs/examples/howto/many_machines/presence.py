"""Who is there, over many servers; also right when one of them has died.

Each server says every BEAT seconds who is at it, in a sorted set of Redis: a member is the server and
a name, so that it leaves those of other servers alone, and its score is when it expires. Connect to ``/NAME``, and send anything to be told who is there.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
import uuid
from typing import Any

from redis import asyncio as redis

from ws_asyncio import WebSocketServerProtocol, serve

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379")
KEY = "present"
BEAT = 10  # seconds
EXPIRY = 30


class Presence:
    """Who is at this server; and who is at any of them, which Redis knows."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.server = uuid.uuid4().hex
        self.members: dict[WebSocketServerProtocol, str] = {}

    async def beat(self, names: list[str]) -> None:
        if names:
            until = time.time() + EXPIRY
            await self.client.zadd(KEY, {f"{self.server} {name}": until for name in names})

    async def who(self) -> list[str]:
        await self.client.zremrangebyscore(KEY, 0, time.time())
        members = await self.client.zrange(KEY, 0, -1)
        return sorted({member.partition(" ")[2] for member in members})

    async def join(self, ws: WebSocketServerProtocol, path: str) -> None:
        self.members[ws] = path.strip("/")
        await self.beat([self.members[ws]])
        try:
            async for _ in ws:
                await ws.send(json.dumps(await self.who()))
        finally:
            name = self.members.pop(ws)
            if name not in self.members.values():  # else there is another page of theirs
                await self.client.zrem(KEY, f"{self.server} {name}")


async def main(port: int) -> None:
    presence = Presence(redis.from_url(REDIS, decode_responses=True))
    async with serve(presence.join, "127.0.0.1", port):
        while True:
            await presence.beat(list(presence.members.values()))
            await asyncio.sleep(BEAT)


asyncio.run(main(int(sys.argv[1])))
