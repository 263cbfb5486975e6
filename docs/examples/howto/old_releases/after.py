"""The same, as it is written now."""

from __future__ import annotations

import asyncio

from ws_asyncio import WebSocketServerProtocol, serve


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        print("state:", ws.state.name, flush=True)
        await ws.send(message)


async def main() -> None:
    async with serve(
        echo, "127.0.0.1", 8765, create_protocol=WebSocketServerProtocol, close_timeout=5
    ) as server:
        await server.serve_forever()


asyncio.run(main())
