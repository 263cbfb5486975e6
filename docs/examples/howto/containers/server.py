"""A server for a container: it tells how it is, and leaves its service before it ends."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from typing import Any

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Headers

HOST = os.environ.get("HOST", "0.0.0.0")
PORT = int(os.environ.get("PORT", "8765"))
DRAIN = float(os.environ.get("DRAIN", "5"))  # seconds

logger = logging.getLogger("chat")


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    logging.basicConfig(level=logging.INFO)
    stopping = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)

    async def health(path: str, headers: Headers) -> Any:
        if path == "/health":  # the event loop turns
            return 200, {}, b"OK\n"
        if path == "/ready":  # and new connections are welcome
            return (503, {}, b"stopping\n") if stopping.is_set() else (200, {}, b"OK\n")
        return None

    async with serve(echo, HOST, PORT, process_request=health):
        logger.info("listening on port %d", PORT)
        await stopping.wait()
        logger.info("stopping in %g s", DRAIN)
        await asyncio.sleep(DRAIN)  # until no new connections are sent here any more


asyncio.run(main())
