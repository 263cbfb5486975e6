"""
A chat over several servers: Redis carries what is said from each to all others.

    python docs/examples/redis/server.py [PORT [REDIS]]

It takes a Redis on this machine (Debian: ``apt-get install redis-server``), or one whose URL
is given, and its client: ``pip install redis``. Start two servers, on ports 8765 and 8766.
Then whoever is at http://localhost:8765/#tea talks with whoever is at
http://localhost:8766/#tea, with the page of ../chat.

Redis keeps nothing of it: who isn't connected when something is said misses it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs, unquote

from redis.asyncio import Redis
from redis.exceptions import RedisError

from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_http import Headers, Origin

PAGE = Path(__file__).resolve().parents[1] / "chat" / "page.html"

PREFIX = "chat:"  # of the channels in Redis; behind it is the name of the room

MAX_SIZE = 2000  # bytes of a message
PAUSE = 1  # seconds between two attempts to reach Redis


class Chat:
    """The members who are connected to this server, and the way to the others."""

    def __init__(self, redis: Redis) -> None:
        self.redis = redis
        self.rooms: defaultdict[str, set[WebSocketServerProtocol]] = defaultdict(set)
        #: Whether this server hears what is said.
        self.listening = asyncio.Event()

    async def handle(self, ws: WebSocketServerProtocol, path: str) -> None:
        """Serve a connection to a path such as ``/tea?name=Ada``."""
        room, name = parse(path)
        if not self.listening.is_set():
            await ws.close(1013, "no Redis, try again later")
            return
        self.rooms[room].add(ws)
        try:
            await self.say(room, f"* {name} came into {room}")
            async for message in ws:
                if isinstance(message, bytes):
                    await ws.close(1003, "text only")
                else:
                    await self.say(room, f"{name}: {clean(message)}")
        except RedisError:
            await ws.close(1013, "no Redis, try again later")
        finally:
            self.rooms[room].discard(ws)
            if not self.rooms[room]:
                del self.rooms[room]
            with contextlib.suppress(RedisError):
                await self.say(room, f"* {name} left")

    async def say(self, room: str, line: str) -> None:
        """Hand a line to Redis, which hands it to all servers: this one gets it back, too."""
        await self.redis.publish(PREFIX + room, line)

    async def listen(self) -> None:
        """Hand on what Redis says to the members here, for ever."""
        while True:
            try:
                # All rooms at once. With many servers, subscribe to those where somebody is.
                async with self.redis.pubsub() as pubsub:
                    await pubsub.psubscribe(PREFIX + "*")
                    async for event in pubsub.listen():
                        self.receive(event)
            except RedisError as exc:
                print(f"no Redis: {exc}", flush=True)
            self.listening.clear()
            await self.send_away()
            await asyncio.sleep(PAUSE)

    def receive(self, event: dict[str, str]) -> None:
        if event["type"] == "psubscribe":
            self.listening.set()
        elif event["type"] == "pmessage":
            room = event["channel"][len(PREFIX) :]
            broadcast(self.rooms.get(room, ()), event["data"])

    async def send_away(self) -> None:
        """Close all connections: the pages come back, here or at a server that has Redis."""
        members = [ws for room in self.rooms.values() for ws in room]
        closing = [ws.close(1013, "no Redis, try again later") for ws in members]
        await asyncio.gather(*closing, return_exceptions=True)


def parse(path: str) -> tuple[str, str]:
    """Take the names of the room and of the member from a path; both have a default."""
    room, _, query = path.partition("?")
    name = parse_qs(query).get("name", [""])[0]
    room = unquote(room.strip("/"))
    return clean(room)[:24] or "lobby", clean(name)[:24] or "somebody"


def clean(text: str) -> str:
    """Give text without what a terminal would act on."""
    return "".join(c if c.isprintable() else " " for c in text).strip()


async def answer(path: str, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
    """Give the page to those who don't ask for a WebSocket."""
    if "Upgrade" in headers:
        return None
    if path != "/":
        return 404, {}, b"There is nothing here.\n"
    return 200, {"Content-Type": "text/html; charset=utf-8"}, PAGE.read_bytes()


def origins(port: int) -> list[Origin | None]:
    """Name the pages that may connect: those of this server. Programs, which say None, may too."""
    hosts = ["localhost", "127.0.0.1", "[::1]"]
    return [*(Origin(f"http://{host}:{port}") for host in hosts), None]


async def main(port: str = "8765", url: str = "redis://localhost") -> None:
    redis = Redis.from_url(url, decode_responses=True)
    chat = Chat(redis)
    listening = asyncio.create_task(chat.listen())
    try:
        await chat.listening.wait()
        async with serve(
            chat.handle,
            "localhost",
            int(port),
            process_request=answer,
            origins=origins(int(port)),
            max_size=MAX_SIZE,
        ) as server:
            print(f"http://localhost:{port}/ is open; ^C closes it", flush=True)
            await server.serve_forever()
    finally:
        listening.cancel()
        await asyncio.wait([listening])
        await redis.aclose()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
