"""A client and a server with the core of picows, which hands out frames."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import picows  # type: ignore[import-not-found, unused-ignore]
from picows import WSMsgType

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


class End(picows.WSListener):  # type: ignore[misc, unused-ignore]
    def __init__(self, subprotocol: str | None) -> None:
        super().__init__()
        self.subprotocol = subprotocol
        self._kind = WSMsgType.TEXT
        self._fragments = bytearray()
        self._closing = False
        self._ended: tuple[int, str] = 1006, ""
        self._tasks: asyncio.Queue[Data] = asyncio.Queue()

    def on_ws_connected(self, transport: Any) -> None:
        self._transport = transport
        self._answering = asyncio.ensure_future(self._answer())

    def on_ws_disconnected(self, transport: Any) -> None:
        self._answering.cancel()
        tell_end(*self._ended)

    async def _answer(self) -> None:
        while True:
            await answer(self, await self._tasks.get())

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type == WSMsgType.CLOSE:
            self._close(frame)
        elif frame.msg_type == WSMsgType.PONG:
            self._send("pong " + frame.get_payload_as_utf8_text())
        else:  # pings it answers itself
            self._join(frame)

    def _close(self, frame: Any) -> None:
        self._ended = int(frame.get_close_code()), frame.get_close_reason() or ""
        if not self._closing:
            self._transport.send_close(frame.get_close_code(), frame.get_close_message())
        self._transport.disconnect()

    def _join(self, frame: Any) -> None:
        if frame.msg_type != WSMsgType.CONTINUATION:
            self._kind = frame.msg_type
        self._fragments += frame.get_payload_as_bytes()
        if not frame.fin:
            return
        message = bytes(self._fragments)
        self._fragments.clear()
        self._tasks.put_nowait(message.decode() if self._kind == WSMsgType.TEXT else message)

    def _send(self, message: Data) -> None:
        text = isinstance(message, str)
        data = message.encode() if isinstance(message, str) else message
        self._transport.send(WSMsgType.TEXT if text else WSMsgType.BINARY, data)

    async def send(self, message: Data) -> None:
        self._send(message)

    async def send_fragments(self, fragments: Sequence[str]) -> None:
        kind = WSMsgType.TEXT
        for number, fragment in enumerate(fragments, 1):
            self._transport.send(kind, fragment.encode(), fin=number == len(fragments))
            kind = WSMsgType.CONTINUATION

    async def ping(self, data: bytes) -> None:
        self._transport.send_ping(data)

    async def close(self, code: int, reason: str) -> None:
        self._closing = True
        self._transport.send_close(code, reason.encode())


async def connect(uri: str, compressed: bool) -> None:
    def listener(request: Any, response: Any) -> End:
        return End(response.headers.get("Sec-WebSocket-Protocol"))

    transport, _ = await picows.ws_connect(
        listener,
        uri,
        ssl_context=client_context(uri),
        extra_headers={"Sec-WebSocket-Protocol": "chat"},
    )
    await transport.wait_disconnected()


async def serve(transport: str, compressed: bool) -> None:
    def listener(request: Any) -> Any:
        response = picows.WSUpgradeResponse.create_101_response(
            extra_headers={"Sec-WebSocket-Protocol": "chat"}
        )
        return picows.WSUpgradeResponseWithListener(response, End("chat"))

    sock = listen()
    await picows.ws_create_server(listener, sock=sock, ssl=server_context(transport))
    tell_port(sock)


if __name__ == "__main__":
    main(picows.__version__, connect, serve)
