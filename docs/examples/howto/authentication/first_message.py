"""Clients send a token as their first message; whoever doesn't, or too late, is sent away."""

from __future__ import annotations

import asyncio

from tokens import read_token

from ws_asyncio import WebSocketServerProtocol, serve


async def handle(ws: WebSocketServerProtocol) -> None:
    try:
        token = await asyncio.wait_for(ws.recv(), 5)
    except asyncio.TimeoutError:
        await ws.close(1008, "no token within 5 seconds")
        return
    user = read_token(token) if isinstance(token, str) else None
    if user is None:
        await ws.close(1008, "wrong token")
        return
    await ws.send(f"Hello, {user}!")
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    # Nobody has a reason to send much before it is known who it is.
    async with serve(handle, "127.0.0.1", 8765, max_size=2**16, max_connections=1000) as server:
        await server.serve_forever()


asyncio.run(main())
