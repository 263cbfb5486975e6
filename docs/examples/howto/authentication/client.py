"""A client that sends its token in a header."""

from __future__ import annotations

import asyncio
import os

from ws_asyncio import connect


async def main() -> None:
    headers = {"Authorization": f"Bearer {os.environ['TOKEN']}"}
    async with connect("ws://127.0.0.1:8765", extra_headers=headers) as ws:
        print(await ws.recv())


asyncio.run(main())
