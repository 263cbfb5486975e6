"""A server that speaks two versions of its protocol, and refuses clients that speak neither."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from ws_asyncio import WebSocketServerProtocol, serve
from ws_http import Headers, Subprotocol, parse_subprotocol

V2 = Subprotocol("chat.v2+json")
V1 = Subprotocol("chat.v1")


async def handle(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        if ws.subprotocol == V2:
            await ws.send(json.dumps({"echo": json.loads(message)}))
        else:
            await ws.send(f"echo {message!r}")


async def require(path: str, headers: Headers) -> Any:
    offered = {
        name
        for value in headers.get_all("Sec-WebSocket-Protocol")
        for name in parse_subprotocol(value)
    }
    if not offered & {V1, V2}:
        return 400, {}, f"this server speaks {V2} and {V1}\n".encode()
    return None


async def main() -> None:
    async with serve(
        handle, "127.0.0.1", 8765, subprotocols=[V2, V1], process_request=require
    ) as server:
        await server.serve_forever()


asyncio.run(main())
