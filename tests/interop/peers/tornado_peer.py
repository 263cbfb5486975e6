"""A client and a server with Tornado."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import tornado  # type: ignore[import-not-found, unused-ignore]
import tornado.httpclient  # type: ignore[import-not-found, unused-ignore]
import tornado.httpserver  # type: ignore[import-not-found, unused-ignore]
import tornado.web  # type: ignore[import-not-found, unused-ignore]
import tornado.websocket  # type: ignore[import-not-found, unused-ignore]

from tests.interop.peers.talk import (
    CERTIFICATE,
    Data,
    answer,
    listen,
    main,
    server_context,
    tell_end,
    tell_port,
)


class End:
    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self.subprotocol = ws.selected_subprotocol

    async def send(self, message: Data) -> None:
        await self._ws.write_message(message, binary=isinstance(message, bytes))

    async def send_fragments(self, fragments: Sequence[str]) -> None:
        raise NotImplementedError  # it has no way to do so

    async def ping(self, data: bytes) -> None:
        self._ws.ping(data)

    async def close(self, code: int, reason: str) -> None:
        self._ws.close(code, reason)


class Handler(tornado.websocket.WebSocketHandler):  # type: ignore[misc, unused-ignore]
    def initialize(self, compressed: bool) -> None:
        self.compressed = compressed

    def select_subprotocol(self, subprotocols: list[str]) -> str | None:
        return "chat" if "chat" in subprotocols else None

    def get_compression_options(self) -> dict[str, Any] | None:
        return {} if self.compressed else None

    async def on_message(self, message: Data) -> None:
        await answer(End(self), message)

    def on_pong(self, data: bytes) -> None:
        self.write_message("pong " + data.decode())

    def on_close(self) -> None:
        tell_end(self.close_code, self.close_reason)


async def connect(uri: str, compressed: bool) -> None:
    request = tornado.httpclient.HTTPRequest(uri, ca_certs=CERTIFICATE)
    ws = await tornado.websocket.websocket_connect(
        request, subprotocols=["chat"], compression_options={} if compressed else None
    )
    ws.on_pong = lambda data: ws.write_message("pong " + data.decode())
    while (message := await ws.read_message()) is not None:
        await answer(End(ws), message)
    tell_end(ws.close_code, ws.close_reason)


async def serve(transport: str, compressed: bool) -> None:
    app = tornado.web.Application([("/", Handler, {"compressed": compressed})])
    server = tornado.httpserver.HTTPServer(app, ssl_options=server_context(transport))
    sock = listen()
    sock.setblocking(False)
    server.add_socket(sock)
    tell_port(sock)
    await asyncio.Event().wait()


if __name__ == "__main__":
    main(tornado.version, connect, serve)
