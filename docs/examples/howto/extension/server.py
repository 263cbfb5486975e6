"""An echo server that has the extension, and compression before it."""

from __future__ import annotations

import asyncio

from checksum import ServerChecksumFactory

from ws_asyncio import WebSocketServerProtocol, serve


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    extensions = [ServerChecksumFactory()]
    async with serve(echo, "127.0.0.1", 8765, extensions=extensions) as server:
        await server.serve_forever()


asyncio.run(main())
