"""Show every message and every header that a client sends and receives."""

from __future__ import annotations

import asyncio
import logging
import sys

from ws_asyncio import connect


async def main(uri: str) -> None:
    async with connect(uri, compression=None) as ws:
        await ws.send("Hello")
        await ws.recv()


logging.basicConfig(format="%(name)s %(message)s")
logging.getLogger("websockets").setLevel(logging.DEBUG)
asyncio.run(main(sys.argv[1]))
