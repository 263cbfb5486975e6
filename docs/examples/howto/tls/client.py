"""A client that trusts one certificate, and no other."""

from __future__ import annotations

import asyncio
import ssl

from ws_asyncio import connect


async def main() -> None:
    context = ssl.create_default_context(cafile="fullchain.pem")
    async with connect("wss://localhost:8765", host="127.0.0.1", ssl=context) as ws:
        await ws.send("Hello")
        print(await ws.recv())
        print(ws.transport.get_extra_info("ssl_object").version())


asyncio.run(main())
