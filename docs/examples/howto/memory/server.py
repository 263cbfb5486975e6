"""A server for very many connections that say little: each may take little, and there is a bound."""

from __future__ import annotations

import asyncio

from ws_asyncio import WebSocketServerProtocol, serve


async def handle(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    async with serve(
        handle,
        "127.0.0.1",
        8765,
        compression=None,
        max_size=2**14,  # bytes of a message
        max_queue=4,  # messages that wait for the handler
        write_limit=2**14,  # bytes that wait for the peer, before send() waits
        max_connections=50_000,
        backlog=1024,
    ) as server:
        await server.serve_forever()


asyncio.run(main())
