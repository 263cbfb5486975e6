"""An echo server and an echo client of the foreign project called websockets."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from importlib import import_module
from typing import Any

# By name: a type checker would take our package of the same name for it.
client: Any = import_module("websockets.asyncio.client")
server: Any = import_module("websockets.asyncio.server")
exceptions: Any = import_module("websockets.exceptions")


async def echo(ws: Any) -> None:
    with contextlib.suppress(exceptions.ConnectionClosed):
        async for message in ws:
            if isinstance(message, str) and message.startswith("/close "):
                _, code, reason = message.split(" ", 2)
                await ws.close(int(code), reason)
                return
            await ws.send(message)


async def run_server() -> None:
    async with server.serve(echo, "127.0.0.1", 0) as running:
        print(running.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


async def run_client(uri: str) -> None:
    with contextlib.suppress(exceptions.WebSocketException, OSError, EOFError):
        async with client.connect(uri) as ws:
            await echo(ws)


if __name__ == "__main__":
    logging.disable()
    asyncio.run(run_server() if sys.argv[1] == "server" else run_client(sys.argv[2]))
