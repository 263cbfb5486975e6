"""The foreign project called websockets, as a user writes it."""

from __future__ import annotations

from typing import Any

from websockets.asyncio.server import broadcast, serve  # type: ignore[import-not-found]

from bench.servers.stage import HOST, Settings, port_of, run

connections: set[Any] = set()


async def echo(ws: Any) -> None:
    async for message in ws:
        await ws.send(message)


async def tell_all(ws: Any) -> None:
    connections.add(ws)
    async for message in ws:
        broadcast(connections, message)


async def start(settings: Settings) -> int:
    return port_of(
        await serve(tell_all if settings.broadcast else echo, HOST, 0, **settings.options())
    )


if __name__ == "__main__":
    run(start)
