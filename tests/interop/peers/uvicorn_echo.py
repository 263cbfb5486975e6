"""Uvicorn with an application that echoes; its path says what else it does."""

from __future__ import annotations

import socket
from typing import Any

import uvicorn  # type: ignore[import-not-found, unused-ignore]


async def app(scope: Any, receive: Any, send: Any) -> None:
    assert scope["type"] == "websocket"
    assert (await receive())["type"] == "websocket.connect"
    if scope["path"] == "/refuse":
        await send({"type": "websocket.close"})
        return
    if scope["path"] == "/raise":
        raise RuntimeError("as you wish")
    subprotocol = scope["subprotocols"][-1] if scope["subprotocols"] else None
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    while True:
        event = await receive()
        if event["type"] == "websocket.disconnect":
            print("the client left with", event["code"], flush=True)
            return
        if event.get("text") == "close me":
            await send({"type": "websocket.close", "code": 4001})
            return
        await send({**event, "type": "websocket.send"})


if __name__ == "__main__":
    sock = socket.create_server(("127.0.0.1", 0))
    print("listens on port", sock.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, ws="websockets")).run(sockets=[sock])
