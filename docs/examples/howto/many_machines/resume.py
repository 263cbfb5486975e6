"""A chat over many servers that loses nothing: clients come back, to any of them, where they were.

A client gets messages as JSON with an id. When it connects again, it says the last one that it has:
``ws://localhost:8765/?after=ID``.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

from redis import asyncio as redis

from ws_asyncio import WebSocketServer, WebSocketServerProtocol, broadcast, serve

REDIS = os.environ.get("REDIS_URL", "redis://localhost:6379")
STREAM = "chat"
KEPT = 10_000  # messages


class Chat:
    """The stream as far as this process has read it, and those who hear of it."""

    def __init__(self, client: Any) -> None:
        self.client = client
        self.position = "0-0"
        self.members: set[WebSocketServerProtocol] = set()
        #: What comes for those who are still being told what was before.
        self.waiting: dict[WebSocketServerProtocol, list[str]] = {}

    async def join(self, ws: WebSocketServerProtocol, path: str) -> None:
        after = parse_qs(urlsplit(path).query).get("after", [self.position])[0]
        try:
            await self.tell_what_was(ws, after)
            self.members.add(ws)
            async for message in ws:
                await self.client.xadd(STREAM, {"text": message}, maxlen=KEPT, approximate=True)
        finally:
            self.members.discard(ws)

    async def tell_what_was(self, ws: WebSocketServerProtocol, after: str) -> None:
        waiting = self.waiting[ws] = []
        try:
            for entry in await self.client.xrange(STREAM, f"({after}", self.position):
                await ws.send(as_json(*entry))
            while waiting:
                await ws.send(waiting.pop(0))
        finally:
            del self.waiting[ws]

    async def read(self, server: WebSocketServer) -> None:
        """Read the stream, and tell everybody here."""
        for identifier, _ in await self.client.xrevrange(STREAM, count=1):
            self.position = identifier
        await server.start_serving()
        while True:
            for _, entries in await self.client.xread({STREAM: self.position}, block=1000):
                for identifier, fields in entries:
                    self.position = identifier
                    message = as_json(identifier, fields)
                    broadcast(self.members, message)
                    for waiting in self.waiting.values():
                        waiting.append(message)


def as_json(identifier: str, fields: dict[str, str]) -> str:
    return json.dumps({"id": identifier, "text": fields["text"]})


async def main(port: int) -> None:
    chat = Chat(redis.from_url(REDIS, decode_responses=True))
    async with serve(chat.join, "127.0.0.1", port, start_serving=False) as server:
        await chat.read(server)


asyncio.run(main(int(sys.argv[1])))
