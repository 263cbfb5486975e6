"""Step 6 of the tutorial: ready for strangers.

The environment says where to listen: HOST, "localhost" if unset, and PORT, 8765 if unset.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
from pathlib import Path
from typing import Any

from game import Game, IllegalMove

from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_http import Headers

HERE = Path(__file__).parent

FILES = {
    "/": ("page.html", "text/html; charset=utf-8"),
    "/page.css": ("page.css", "text/css; charset=utf-8"),
    "/page.js": ("page.js", "text/javascript; charset=utf-8"),
}

#: What a table may be called.
NAME = re.compile(r"[a-z0-9]{1,16}")

# The page runs nothing and loads nothing but its own files.
HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; "
    "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}

MAX_SIZE = 200  # bytes of a message: no command is longer
MAX_CONNECTIONS = 1000
MAX_TABLES = 1000
MAX_SECRET = 100  # characters

#: Seconds for which the seat of a player who has left is kept.
KEEP = 60


class Table:
    """A game, and those who sit around it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.game = Game()
        #: Which player somebody is, by the secret that only they know: 1 or 2.
        self.seats: dict[str, int] = {}
        #: The connections, and the secret of each.
        self.present: dict[WebSocketServerProtocol, str] = {}
        #: What will free the seats of those who have left.
        self.timers: dict[str, asyncio.TimerHandle] = {}
        #: Connections that are being closed.
        self.closing: set[asyncio.Task[None]] = set()

    async def handle(self, ws: WebSocketServerProtocol, secret: str) -> None:
        """Serve one connection, from its beginning to its end."""
        seat = self.sit_down(ws, secret)
        try:
            await ws.send(json.dumps({"type": "welcome", "you": seat}))
            self.show()
            async for message in ws:
                await self.obey(ws, seat, message)
        finally:
            self.leave(ws)

    def sit_down(self, ws: WebSocketServerProtocol, secret: str) -> int:
        """Give somebody their seat: the one they had, or a free one, or 0 for none."""
        if secret in self.timers:
            self.timers.pop(secret).cancel()
        for other in [each for each in self.present if self.present[each] == secret]:
            # They came back before we noticed that they were gone, or they have two windows.
            del self.present[other]
            self.close(other, 4000, "you are here from elsewhere")
        self.present[ws] = secret
        free = [seat for seat in (1, 2) if seat not in self.seats.values()]
        if secret not in self.seats and free:
            self.seats[secret] = free[0]
        return self.seats.get(secret, 0)

    def leave(self, ws: WebSocketServerProtocol) -> None:
        secret = self.present.pop(ws, None)
        if secret is None:
            return  # somebody who is here from elsewhere by now
        if secret in self.seats:
            loop = asyncio.get_running_loop()
            self.timers[secret] = loop.call_later(KEEP, self.give_up, secret)
        self.show()
        self.forget_if_empty()

    def give_up(self, secret: str) -> None:
        """Free the seat of a player who has not come back."""
        del self.timers[secret]
        del self.seats[secret]
        self.show()
        self.forget_if_empty()

    def forget_if_empty(self) -> None:
        if not self.seats and not self.present:
            del tables[self.name]

    def close(self, ws: WebSocketServerProtocol, code: int, reason: str) -> None:
        """Close a connection without waiting for it: its peer may be gone."""
        task = asyncio.create_task(ws.close(code, reason))
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    async def obey(self, ws: WebSocketServerProtocol, seat: int, message: str | bytes) -> None:
        """Do what a message asks for, or say why not."""
        try:
            command = parse(message)
            if "draw" in command:
                self.game.draw(seat, command["draw"])
            elif "again" in command and seat and self.game.over:
                self.game = Game(first=3 - self.game.first)
        except IllegalMove as exc:
            await ws.send(json.dumps({"type": "error", "text": str(exc)}))
        else:
            self.show()

    def show(self) -> None:
        """Tell everybody how things are."""
        secrets = self.present.values()
        state = {
            "type": "state",
            "lines": self.game.lines,
            "boxes": self.game.boxes,
            "turn": self.game.turn,
            "over": self.game.over,
            "taken": sorted(self.seats.values()),
            "here": sorted(self.seats[each] for each in secrets if each in self.seats),
            "watching": sum(each not in self.seats for each in secrets),
        }
        broadcast(self.present, json.dumps(state))


#: The tables where somebody sits, by name.
tables: dict[str, Table] = {}


async def handle(ws: WebSocketServerProtocol, path: str) -> None:
    """Lead a connection to the table that its path names: ``/abc`` is table abc.

    The first message says who it is: ``{"secret": "…"}``.
    """
    name = path[1:]
    if not NAME.fullmatch(name):
        await ws.close(1008, "no such table")
        return
    try:
        secret = parse(await asyncio.wait_for(ws.recv(), 10)).get("secret")
    except (asyncio.TimeoutError, IllegalMove):
        secret = None
    if not isinstance(secret, str) or not 16 <= len(secret) <= MAX_SECRET:
        await ws.close(1008, "say who you are")
        return
    if name not in tables:
        if len(tables) >= MAX_TABLES:
            await ws.close(1013, "all tables are taken")
            return
        tables[name] = Table(name)
    await tables[name].handle(ws, secret)


def parse(message: str | bytes) -> dict[str, Any]:
    """Read a command such as ``{"draw": "h00"}``."""
    try:
        command = json.loads(message)
    except (ValueError, RecursionError):
        command = None
    if not isinstance(command, dict):
        raise IllegalMove('send a command such as {"draw": "h00"}')
    return command


async def answer(path: str, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
    """Answer what is not for a WebSocket, and keep the pages of other sites out."""
    if "Upgrade" in headers:
        # A browser lets any page connect to anywhere, but it says whose page it is.
        hosts = [origin.partition("://")[2] for origin in headers.get_all("Origin")]
        if any(host != headers.get("Host") for host in hosts):
            return 403, {}, b"This is for its own page.\n"
        return None
    if path == "/health":
        return 200, {}, b"OK\n"
    if path not in FILES:
        return 404, {}, b"There is nothing here.\n"
    name, content_type = FILES[path]
    return 200, {**HEADERS, "Content-Type": content_type}, HERE.joinpath(name).read_bytes()


async def main() -> None:
    host = os.environ.get("HOST", "localhost")
    port = int(os.environ.get("PORT", "8765"))
    stop = asyncio.Event()
    with contextlib.suppress(NotImplementedError):  # on Windows, where ^C works without
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(
        handle,
        host,
        port,
        process_request=answer,
        max_size=MAX_SIZE,
        max_connections=MAX_CONNECTIONS,
    ) as server:
        print(f"The tables are ready: http://{host}:{port}/")
        await stop.wait()
        server.close(1012, "the server restarts")


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
