"""An echo server and an echo client of aiohttp."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import Any

import aiohttp  # type: ignore[import-not-found, unused-ignore]
from aiohttp import web


async def echo(ws: Any) -> None:
    async for message in ws:
        if message.type is aiohttp.WSMsgType.TEXT:
            if message.data.startswith("/close "):
                _, code, reason = message.data.split(" ", 2)
                await ws.close(code=int(code), message=reason.encode())
                return
            await ws.send_str(message.data)
        elif message.type is aiohttp.WSMsgType.BINARY:
            await ws.send_bytes(message.data)


async def handle(request: Any) -> Any:
    ws = web.WebSocketResponse()
    await ws.prepare(request)
    await echo(ws)
    return ws


async def run_server() -> None:
    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def run_client(uri: str) -> None:
    with contextlib.suppress(aiohttp.ClientError, OSError):
        async with aiohttp.ClientSession() as session, session.ws_connect(uri, compress=15) as ws:
            await echo(ws)


if __name__ == "__main__":
    logging.disable()
    asyncio.run(run_server() if sys.argv[1] == "server" else run_client(sys.argv[2]))
