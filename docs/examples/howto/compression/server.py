"""A server that spends more memory to send less, and leaves out what doesn't gain by it."""

from __future__ import annotations

import asyncio

from ws_asyncio import WebSocketServerProtocol, serve
from ws_deflate import ServerPerMessageDeflateFactory

DEFLATE = ServerPerMessageDeflateFactory(
    server_max_window_bits=15,
    client_max_window_bits=15,
    compress_settings={"level": 6, "memLevel": 8},
    threshold=64,
)


async def handle(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        is_picture = isinstance(message, bytes)
        await ws.send(message, compress=not is_picture)


async def main() -> None:
    async with serve(handle, "127.0.0.1", 8765, extensions=[DEFLATE]) as server:
        await server.serve_forever()


asyncio.run(main())
