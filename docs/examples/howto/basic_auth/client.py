"""A client that gives a user and a password."""

from __future__ import annotations

import asyncio

from ws_asyncio import connect


async def main() -> None:
    async with connect("ws://ada:enigma@127.0.0.1:8765") as ws:
        print(await ws.recv())


asyncio.run(main())
