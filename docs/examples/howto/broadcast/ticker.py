"""The same to everybody, at the pace of a clock; whoever is slow misses some of it."""

from __future__ import annotations

import asyncio
import itertools

from ws_asyncio import WebSocketServer, WebSocketServerProtocol, broadcast, serve


async def listen(ws: WebSocketServerProtocol) -> None:
    await ws.wait_closed()


async def tick(server: WebSocketServer) -> None:
    for number in itertools.count():
        broadcast(server.connections, f"tick {number}", max_backlog=2**16, close_slow=False)
        await asyncio.sleep(0.1)


async def main() -> None:
    async with serve(listen, "127.0.0.1", 8765) as server:
        await tick(server)


asyncio.run(main())
