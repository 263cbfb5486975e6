"""A client that offers the extension."""

from __future__ import annotations

import asyncio

from checksum import ClientChecksumFactory

from ws_asyncio import connect


async def main() -> None:
    extensions = [ClientChecksumFactory("adler32")]
    async with connect("ws://127.0.0.1:8765", extensions=extensions) as ws:
        print([extension.name for extension in ws.extensions])
        await ws.send("Hello")
        print(await ws.recv())


asyncio.run(main())
