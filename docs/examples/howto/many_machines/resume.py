"""A chat over many servers that loses nothing: clients come back, to any of them, where they were.

A client gets messages as JSON with an id. When it connects again, it says the last one that it has:
``ws://localhost:8765/?after=ID``.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import sys
from typing import Any
from urllib.parse import parse_qs

from redis import asyncio as redis

from ws_asyncio import WebSocketServer, WebSocketServerProtocol, broadcast, serve

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379")
STREAM = "chat"
KEPT = 10_000  # messages
PAGE = 100  # messages that are read at once for a client that is back
MAX_SIZE = 2000  # bytes of a message

ID = re.compile(r"[0-9]{1,19}-[0-9]{1,19}")

logger = logging.getLogger("chat")


class Chat:
    """The stream as far as this process has read it, and those who hear of it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.position = ""
        self.members: set[WebSocketServerProtocol] = set()

    async def join(self, ws: WebSocketServerProtocol, path: str) -> None:
        after = parse_qs(path.partition("?")[2]).get("after", [self.position])[0]
        if not ID.fullmatch(after):
            await ws.close(1008, "after is no id")
            return
        try:
            await self.tell_what_was(ws, after)
            self.members.add(ws)
            async for message in ws:
                if isinstance(message, bytes):
                    await ws.close(1003, "text only")
                    return
                await self.client.xadd(STREAM, {"text": message}, maxlen=KEPT, approximate=True)
        except redis.ConnectionError:
            await ws.close(1013, "try again later")
        finally:
            self.members.discard(ws)

    async def tell_what_was(self, ws: WebSocketServerProtocol, after: str) -> None:
        """Send what is behind an id, also what is said meanwhile, until there is no more."""
        until = ""
        while until != self.position:
            until = self.position
            while entries := await self.client.xrange(STREAM, f"({after}", until, count=PAGE):
                for entry in entries:
                    await ws.send(as_json(*entry))
                after = entries[-1][0]

    async def read(self, server: WebSocketServer) -> None:
        """Read the stream, and tell everybody here."""
        while True:
            try:
                self.position = self.position or await self.last()
                await server.start_serving()
                while True:
                    for _, entries in await self.client.xread({STREAM: self.position}, block=1000):
                        for self.position, fields in entries:
                            broadcast(self.members, as_json(self.position, fields))
            except redis.ConnectionError as exc:
                logger.warning("no Redis: %s", exc)
                await asyncio.sleep(1)

    async def last(self) -> str:
        """Give the id of what was said last."""
        entries = await self.client.xrevrange(STREAM, count=1)
        return entries[0][0] if entries else "0-0"


def as_json(identifier: str, fields: dict[str, str]) -> str:
    return json.dumps({"id": identifier, "text": fields["text"]})


async def main(port: int) -> None:
    chat = Chat(redis.from_url(REDIS, decode_responses=True))
    async with serve(
        chat.join, "127.0.0.1", port, max_size=MAX_SIZE, start_serving=False
    ) as server:
        await chat.read(server)


logging.basicConfig(level=logging.INFO)
asyncio.run(main(int(sys.argv[1])))
