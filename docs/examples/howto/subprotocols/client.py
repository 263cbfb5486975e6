"""A client that speaks both versions, and prefers the new one."""

from __future__ import annotations

import asyncio

from ws_asyncio import connect
from ws_http import Subprotocol

SUBPROTOCOLS = [Subprotocol("chat.v2+json"), Subprotocol("chat.v1")]


async def main() -> None:
    async with connect("ws://127.0.0.1:8765", subprotocols=SUBPROTOCOLS) as ws:
        print(ws.subprotocol)
        await ws.send('"Hello"')
        print(await ws.recv())


asyncio.run(main())
