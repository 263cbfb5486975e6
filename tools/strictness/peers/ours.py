"""An echo server and an echo client of ws-asyncio."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys

from ws_asyncio import WebSocketCommonProtocol, connect, serve
from ws_frames import ConnectionClosed
from ws_http import InvalidHandshake


async def echo(ws: WebSocketCommonProtocol) -> None:
    async for message in ws:
        if isinstance(message, str) and message.startswith("/close "):
            _, code, reason = message.split(" ", 2)
            await ws.close(int(code), reason)
            return
        await ws.send(message)


async def run_server() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


async def run_client(uri: str) -> None:
    with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError):
        async with connect(uri) as ws:
            await echo(ws)


if __name__ == "__main__":
    logging.disable()
    asyncio.run(run_server() if sys.argv[1] == "server" else run_client(sys.argv[2]))
