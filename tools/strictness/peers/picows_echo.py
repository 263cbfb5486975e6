"""Echo servers and echo clients of picows: its callbacks, and its websockets-like API."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from typing import Any

import picows  # type: ignore[import-not-found, unused-ignore]
from picows import websockets as alike  # type: ignore[import-not-found, unused-ignore]

DATA = (picows.WSMsgType.TEXT, picows.WSMsgType.BINARY)


class Echo(picows.WSListener):  # type: ignore[misc, unused-ignore]
    """Echoes, and answers the close frame, as the examples of picows do.

    It is given frames, and puts messages together as well as most would: what is in them, and
    whether they come in their order, is left to it, and it doesn't look.
    """

    def __init__(self) -> None:
        super().__init__()
        self._kind: Any = None
        self._parts = bytearray()

    def on_ws_frame(self, transport: Any, frame: Any) -> None:
        if frame.msg_type is picows.WSMsgType.CLOSE:
            transport.send_close(frame.get_close_code(), frame.get_close_message())
            transport.disconnect()
            return
        if frame.msg_type in DATA:
            self._kind = frame.msg_type
            self._parts.clear()
        elif frame.msg_type is not picows.WSMsgType.CONTINUATION:
            return
        self._parts += frame.get_payload_as_bytes()
        if frame.fin:
            self._take(transport, bytes(self._parts))

    def _take(self, transport: Any, message: bytes) -> None:
        if self._kind is picows.WSMsgType.TEXT and message.startswith(b"/close "):
            _, code, reason = message.split(b" ", 2)
            transport.send_close(int(code), reason)
            return
        transport.send(self._kind, message)


async def run_core_server() -> None:
    server = await picows.ws_create_server(lambda _: Echo(), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


async def run_core_client(uri: str) -> None:
    transport, _ = await picows.ws_connect(Echo, uri)
    await transport.wait_disconnected()


async def echo(ws: Any) -> None:
    async for message in ws:
        if isinstance(message, str) and message.startswith("/close "):
            _, code, reason = message.split(" ", 2)
            await ws.close(int(code), reason)
            return
        await ws.send(message)


async def run_alike_server() -> None:
    async with alike.serve(echo, "127.0.0.1", 0) as server:
        print(server.sockets[0].getsockname()[1], flush=True)
        await asyncio.Event().wait()


async def run_alike_client(uri: str) -> None:
    async with alike.connect(uri) as ws:
        await echo(ws)


async def main(api: str, role: str, *uri: str) -> None:
    ways = {
        ("core", "server"): run_core_server,
        ("core", "client"): run_core_client,
        ("alike", "server"): run_alike_server,
        ("alike", "client"): run_alike_client,
    }
    # What it raises is not what is looked at.
    with contextlib.suppress(Exception):
        await ways[api, role](*uri)  # type: ignore[operator, unused-ignore]


if __name__ == "__main__":
    logging.disable()
    asyncio.run(main(*sys.argv[1:]))
