"""
A number that everybody sees, and anybody can change, live in the browser.

    python docs/examples/counter/server.py [PORT]

Then open http://localhost:8765/ in two windows. What changes is broadcast to all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from pathlib import Path

from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_http import Headers, Origin

PAGE = Path(__file__).with_name("page.html")

STEPS = {"up": 1, "down": -1}


class Counter:
    """The number, and the connections of those who look at it."""

    def __init__(self) -> None:
        self.number = 0
        self.visitors: set[WebSocketServerProtocol] = set()

    async def handle(self, ws: WebSocketServerProtocol) -> None:
        self.visitors.add(ws)
        self.show()
        try:
            async for message in ws:
                if message not in STEPS:
                    await ws.close(1003, "send up or down")
                    return
                self.number += STEPS[str(message)]
                self.show()
        finally:
            self.visitors.discard(ws)
            self.show()

    def show(self) -> None:
        """Tell all visitors how things are."""
        state = {"number": self.number, "visitors": len(self.visitors)}
        broadcast(self.visitors, json.dumps(state))


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
    handle = Counter().handle
    # Nobody has more to say than "down": larger messages are refused.
    async with serve(
        handle,
        "localhost",
        port,
        process_request=answer,
        origins=origins(port),
        max_size=64,
    ) as server:
        print(f"http://localhost:{port}/ is open; ^C closes it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
