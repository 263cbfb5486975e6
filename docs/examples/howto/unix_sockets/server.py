"""A server on a Unix socket, which members of its group may connect to."""

from __future__ import annotations

import asyncio
import os
import sys

from ws_asyncio import WebSocketServerProtocol, unix_serve


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main(path: str) -> None:
    os.umask(0o117)  # so that the socket is made as rw-rw----
    async with unix_serve(echo, path) as server:
        print(f"listening on {path}", flush=True)
        await server.serve_forever()


asyncio.run(main(sys.argv[1]))
