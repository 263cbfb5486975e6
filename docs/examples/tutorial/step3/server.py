"""Step 3 of the tutorial: a page to play on, from the same port."""

from __future__ import annotations

import asyncio
import contextlib
import json
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


class Table:
    """A game, and those who sit around it."""

    def __init__(self) -> None:
        self.game = Game()
        #: The connections, and which player each is: 1 or 2, or 0 for those who watch.
        self.seats: dict[WebSocketServerProtocol, int] = {}

    async def handle(self, ws: WebSocketServerProtocol) -> None:
        """Serve one connection, from its beginning to its end."""
        seat = self.seats[ws] = self.free_seat()
        try:
            await ws.send(json.dumps({"type": "welcome", "you": seat}))
            self.show()
            async for message in ws:
                await self.obey(ws, seat, message)
        finally:
            del self.seats[ws]
            self.show()

    def free_seat(self) -> int:
        taken = self.seats.values()
        return next((seat for seat in (1, 2) if seat not in taken), 0)

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
        state = {
            "type": "state",
            "lines": self.game.lines,
            "boxes": self.game.boxes,
            "turn": self.game.turn,
            "over": self.game.over,
            "here": [seat for seat in (1, 2) if seat in self.seats.values()],
            "watching": list(self.seats.values()).count(0),
        }
        broadcast(self.seats, json.dumps(state))


def parse(message: str | bytes) -> dict[str, Any]:
    """Read a command such as ``{"draw": "h00"}``."""
    try:
        command = json.loads(message)
    except ValueError:
        command = None
    if not isinstance(command, dict):
        raise IllegalMove('send a command such as {"draw": "h00"}')
    return command


async def answer(path: str, headers: Headers) -> tuple[int, dict[str, str], bytes] | None:
    """Answer what is not for a WebSocket: the page asks for its files in this way."""
    if "Upgrade" in headers:
        return None
    if path not in FILES:
        return 404, {}, b"There is nothing here.\n"
    name, content_type = FILES[path]
    headers_to_send = {"Content-Type": content_type, "Cache-Control": "no-cache"}
    return 200, headers_to_send, HERE.joinpath(name).read_bytes()


async def main() -> None:
    table = Table()
    async with serve(table.handle, "localhost", 8765, process_request=answer) as server:
        print("The table is ready: http://localhost:8765/")
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
