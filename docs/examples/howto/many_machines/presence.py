"""Who is there, over many servers; also right when one of them has died.

Each server says every BEAT seconds who is at it, in a sorted set of Redis: the score of a member is
when that expires. Connect to ``/NAME``, and send anything to be told who is there.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from typing import Any

from redis import asyncio as redis

from ws_asyncio import WebSocketServerProtocol, serve

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379")
KEY = "present"
BEAT = 10  # seconds
EXPIRY = 30

client: Any = redis.from_url(REDIS, decode_responses=True)
members: dict[WebSocketServerProtocol, str] = {}


async def beat(names: list[str]) -> None:
    if names:
        await client.zadd(KEY, dict.fromkeys(names, time.time() + EXPIRY))


async def who() -> list[str]:
    await client.zremrangebyscore(KEY, 0, time.time())
    return sorted(await client.zrange(KEY, 0, -1))


async def join(ws: WebSocketServerProtocol, path: str) -> None:
    members[ws] = path.strip("/")
    await beat([members[ws]])
    try:
        async for _ in ws:
            await ws.send(json.dumps(await who()))
    finally:
        name = members.pop(ws)
        if name not in members.values():  # else there is another page of theirs
            await client.zrem(KEY, name)


async def main(port: int) -> None:
    async with serve(join, "127.0.0.1", port):
        while True:
            await beat(list(members.values()))
            await asyncio.sleep(BEAT)


asyncio.run(main(int(sys.argv[1])))
