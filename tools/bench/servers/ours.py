"""ws_asyncio, as a user writes it."""

from __future__ import annotations

from typing import Any

import ws_asyncio
from bench.servers.stage import HOST, LARGE, Settings, port_of, run
from ws_asyncio import WebSocketServerProtocol, broadcast, serve

connections: set[WebSocketServerProtocol] = set()


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def tell_all(ws: WebSocketServerProtocol) -> None:
    connections.add(ws)
    async for message in ws:
        broadcast(connections, message)


async def start(settings: Settings) -> int:
    options: dict[str, Any] = {"compression": "deflate" if settings.compression else None}
    if settings.large:
        options["max_size"] = LARGE
    if settings.no_keepalive:
        options["ping_interval"] = None
    ws_asyncio.set_transports(settings.transports)
    return port_of(await serve(tell_all if settings.broadcast else echo, HOST, 0, **options))


if __name__ == "__main__":
    run(start)
