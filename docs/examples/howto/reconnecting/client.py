"""A client that stays connected, and subscribes anew each time."""

from __future__ import annotations

import asyncio
import logging

from ws_asyncio import connect
from ws_frames import ConnectionClosed


async def main() -> None:
    async for ws in connect("ws://127.0.0.1:8765"):
        try:
            await ws.send("subscribe")
            async for message in ws:
                print(message, flush=True)
        except ConnectionClosed as exc:
            print(f"lost: {exc}", flush=True)


logging.basicConfig(level=logging.INFO)
asyncio.run(main())
