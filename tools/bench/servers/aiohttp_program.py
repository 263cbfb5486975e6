"""aiohttp, as a user writes it."""

from __future__ import annotations

from typing import Any

from aiohttp import WSMsgType, web  # type: ignore[import-not-found]

from bench.servers.stage import HOST, LARGE, Settings, run

connections: set[Any] = set()


def echo(settings: Settings) -> Any:
    options: dict[str, Any] = {"compress": settings.compression}
    if settings.large:
        options["max_msg_size"] = LARGE

    async def handler(request: Any) -> Any:
        ws = web.WebSocketResponse(**options)
        await ws.prepare(request)
        async for message in ws:
            if message.type == WSMsgType.TEXT:
                await ws.send_str(message.data)
            elif message.type == WSMsgType.BINARY:
                await ws.send_bytes(message.data)
        return ws

    return handler


async def tell_all(request: Any) -> Any:
    ws = web.WebSocketResponse(compress=False)
    await ws.prepare(request)
    connections.add(ws)
    async for message in ws:
        for each in connections:
            if message.type == WSMsgType.TEXT:
                await each.send_str(message.data)
            else:
                await each.send_bytes(message.data)
    return ws


async def start(settings: Settings) -> int:
    app = web.Application()
    app.router.add_get("/", tell_all if settings.broadcast else echo(settings))
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, HOST, 0).start()
    port: int = runner.addresses[0][1]
    return port


if __name__ == "__main__":
    run(start)
