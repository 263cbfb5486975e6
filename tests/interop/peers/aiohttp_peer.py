"""A client and a server with aiohttp."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import aiohttp  # type: ignore[import-not-found, unused-ignore]
from aiohttp import web  # type: ignore[import-not-found, unused-ignore]

from tests.interop.peers.talk import (
    Data,
    answer,
    client_context,
    listen,
    main,
    server_context,
    tell_end,
    tell_port,
)


class End:
    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self.subprotocol = ws.ws_protocol if hasattr(ws, "ws_protocol") else ws.protocol

    async def send(self, message: Data) -> None:
        if isinstance(message, str):
            await self._ws.send_str(message)
        else:
            await self._ws.send_bytes(message)

    async def send_fragments(self, fragments: Sequence[str]) -> None:
        raise NotImplementedError  # it has no way to do so

    async def ping(self, data: bytes) -> None:
        await self._ws.ping(data)

    async def close(self, code: int, reason: str) -> None:
        await self._ws.close(code=code, message=reason.encode())


async def talk(ws: Any) -> None:
    end = End(ws)
    code, reason = None, ""
    while not ws.closed:
        message = await ws.receive()
        if message.type is aiohttp.WSMsgType.PING:
            await ws.pong(message.data)
        elif message.type is aiohttp.WSMsgType.PONG:
            await ws.send_str("pong " + message.data.decode())
        elif message.type in (aiohttp.WSMsgType.TEXT, aiohttp.WSMsgType.BINARY):
            await answer(end, message.data)
        elif message.type is aiohttp.WSMsgType.CLOSE:
            code, reason = message.data, message.extra
    # What came with the frame: its own close_code is 1006 where nobody reads its answer.
    tell_end(code or ws.close_code, reason)


async def connect(uri: str, compressed: bool) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(
            uri,
            protocols=["chat"],
            ssl=client_context(uri) or True,
            compress=15 if compressed else 0,
            autoping=False,  # it would keep pongs to itself
        ) as ws,
    ):
        await talk(ws)


async def serve(transport: str, compressed: bool) -> None:
    async def handle(request: Any) -> Any:
        ws = web.WebSocketResponse(protocols=["chat"], compress=compressed, autoping=False)
        await ws.prepare(request)
        await talk(ws)
        return ws

    app = web.Application()
    app.router.add_get("/", handle)
    runner = web.AppRunner(app)
    await runner.setup()
    sock = listen()
    await web.SockSite(runner, sock, ssl_context=server_context(transport)).start()
    tell_port(sock)


if __name__ == "__main__":
    main(aiohttp.__version__, connect, serve)
