"""A server that only pages of its own site may connect to, and programs that say no origin."""

from __future__ import annotations

import asyncio

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Origin

ORIGINS = [Origin("https://chat.example.com"), Origin("http://localhost:3000"), None]


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    async with serve(echo, "127.0.0.1", 8765, origins=ORIGINS) as server:
        await server.serve_forever()


asyncio.run(main())
