"""
A chat with as many rooms as you like: the path of the WebSocket is the room.

    python docs/examples/chat/server.py [PORT]

Then open http://localhost:8765/#tea in two windows. In a terminal, each line is a message:

    python -m ws_asyncio "ws://localhost:8765/tea?name=Ada"

The demo in ../room has more to it: a list of who is there, and what was said before.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import defaultdict
from pathlib import Path
from urllib.parse import parse_qs, unquote

from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_http import Headers, Origin

PAGE = Path(__file__).with_name("page.html")

MAX_SIZE = 2000  # bytes of a message

Rooms = defaultdict[str, set[WebSocketServerProtocol]]

#: The rooms where somebody is, and the connections of those.
rooms: Rooms = defaultdict(set)


async def handle(ws: WebSocketServerProtocol, path: str) -> None:
    """Serve a connection to a path such as ``/tea?name=Ada``."""
    room, name = parse(path)
    members = rooms[room]
    members.add(ws)
    broadcast(members, f"* {name} came into {room}; here: {len(members)}")
    try:
        async for message in ws:
            if isinstance(message, bytes):
                await ws.close(1003, "text only")
                return
            broadcast(members, f"{name}: {clean(message)}")
    finally:
        members.discard(ws)
        broadcast(members, f"* {name} left")
        if not members:
            rooms.pop(room, None)


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


async def main(port: int = 8765) -> None:
    async with serve(
        handle,
        "localhost",
        port,
        process_request=answer,
        origins=origins(port),
        max_size=MAX_SIZE,
    ) as server:
        print(f"http://localhost:{port}/ is open; ^C closes it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
