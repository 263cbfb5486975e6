"""Servers that use wsproto: an ASGI application that echoes, in Uvicorn or in Hypercorn."""

from __future__ import annotations

import asyncio
import logging
import socket
import sys
from typing import Any


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await send({"type": "lifespan.shutdown.complete"})
        return
    if scope["type"] != "websocket":
        await send({"type": "http.response.start", "status": 426, "headers": []})
        await send({"type": "http.response.body", "body": b"WebSocket only\n"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    while (event := await receive())["type"] != "websocket.disconnect":
        words = (event.get("text") or "").split(" ", 2)
        if words[0] == "/close":
            await send({"type": "websocket.close", "code": int(words[1]), "reason": words[2]})
            return
        await send({**event, "type": "websocket.send"})


def run_uvicorn(sock: socket.socket) -> None:
    import uvicorn  # type: ignore[import-not-found, unused-ignore]

    config = uvicorn.Config(app, ws="wsproto", log_level="critical", lifespan="off")
    uvicorn.Server(config).run(sockets=[sock])


def run_hypercorn(sock: socket.socket) -> None:
    from hypercorn.asyncio import serve  # type: ignore[import-not-found, unused-ignore]
    from hypercorn.config import Config  # type: ignore[import-not-found, unused-ignore]

    config = Config()
    config.bind = [f"fd://{sock.fileno()}"]
    config.errorlog = config.accesslog = None
    asyncio.run(serve(app, config))


if __name__ == "__main__":
    logging.disable()
    listener = socket.create_server(("127.0.0.1", 0), backlog=100)
    print(listener.getsockname()[1], flush=True)
    (run_uvicorn if sys.argv[1] == "uvicorn" else run_hypercorn)(listener)
