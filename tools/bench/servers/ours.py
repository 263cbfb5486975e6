"""ws_asyncio, as a user writes it."""

from __future__ import annotations

import ws_asyncio
from bench.servers.stage import HOST, Settings, port_of, run
from ws_asyncio import WebSocketServerProtocol, broadcast, serve
from ws_deflate import ZLIB, set_backend, zlib_ng

connections: set[WebSocketServerProtocol] = set()


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def tell_all(ws: WebSocketServerProtocol) -> None:
    connections.add(ws)
    async for message in ws:
        broadcast(connections, message)


async def start(settings: Settings) -> int:
    ws_asyncio.set_transports(settings.transports)
    set_backend(zlib_ng() if settings.zlib == "zlib-ng" else ZLIB)
    return port_of(
        await serve(tell_all if settings.broadcast else echo, HOST, 0, **settings.options())
    )


if __name__ == "__main__":
    run(start)
