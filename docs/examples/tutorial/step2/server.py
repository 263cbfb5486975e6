"""Step 2 of the tutorial: two play, others watch, in JSON."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

from game import Game, IllegalMove

from ws_asyncio import WebSocketServerProtocol, broadcast, serve


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


async def main() -> None:
    table = Table()
    async with serve(table.handle, "localhost", 8765) as server:
        print("The table is ready: ws://localhost:8765/")
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main())
