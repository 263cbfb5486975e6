"""A client that connects to a Unix socket."""

from __future__ import annotations

import asyncio
import sys

from ws_asyncio import unix_connect


async def main(path: str) -> None:
    async with unix_connect(path, "ws://localhost/room?name=ada") as ws:
        await ws.send("Hello")
        print(await ws.recv())


asyncio.run(main(sys.argv[1]))
