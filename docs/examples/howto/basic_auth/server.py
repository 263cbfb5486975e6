"""A server that asks for a user and a password."""

from __future__ import annotations

import asyncio

from ws_asyncio import (
    BasicAuthWebSocketServerProtocol,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    serve,
)


async def greet(ws: WebSocketServerProtocol) -> None:
    assert isinstance(ws, BasicAuthWebSocketServerProtocol)
    await ws.send(f"Hello, {ws.username}!")


async def main() -> None:
    protect = basic_auth_protocol_factory("my server", credentials=[("ada", "enigma")])
    async with serve(greet, "127.0.0.1", 8765, create_protocol=protect) as server:
        await server.serve_forever()


asyncio.run(main())
