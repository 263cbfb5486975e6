"""The API of the foreign websockets: of itself, or of what offers the same in another module."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Sequence
from typing import Any

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

NAME = sys.argv[1]
library = importlib.import_module(NAME)

#: Some count bytes as they come, and what cannot be compressed gets longer by that.
MAX_SIZE = 1 << 21


class End:
    def __init__(self, ws: Any) -> None:
        self._ws = ws
        self.subprotocol = ws.subprotocol
        self._waiting: set[asyncio.Task[None]] = set()

    async def send(self, message: Data) -> None:
        await self._ws.send(message)

    async def send_fragments(self, fragments: Sequence[str]) -> None:
        await self._ws.send(fragments)

    async def ping(self, data: bytes) -> None:
        pong = await self._ws.ping(data)
        task = asyncio.ensure_future(self._tell_of(pong, data))
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _tell_of(self, pong: Any, data: bytes) -> None:
        await pong
        await self._ws.send("pong " + data.decode())

    async def close(self, code: int, reason: str) -> None:
        await self._ws.close(code, reason)


async def talk(ws: Any) -> None:
    end = End(ws)
    try:
        while True:
            await answer(end, await ws.recv())
    except library.exceptions.ConnectionClosed:
        await ws.wait_closed()
        tell_end(ws.close_code, ws.close_reason)


async def connect(uri: str, compressed: bool) -> None:
    options: dict[str, Any] = {"ssl": client_context(uri)} if uri.startswith("wss:") else {}
    compression = "deflate" if compressed else None
    options.update(subprotocols=["chat"], compression=compression, max_size=MAX_SIZE)
    async with library.connect(uri, proxy=None, **options) as ws:
        await talk(ws)


async def serve(transport: str, compressed: bool) -> None:
    sock = listen()
    await library.serve(
        talk,
        sock=sock,
        ssl=server_context(transport),
        subprotocols=["chat"],
        compression="deflate" if compressed else None,
        max_size=MAX_SIZE,
    )
    tell_port(sock)


if __name__ == "__main__":
    package = importlib.import_module(NAME.partition(".")[0])
    main(package.__version__, connect, serve)
