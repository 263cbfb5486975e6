"""A Sanic application that echoes."""

from __future__ import annotations

import socket
from typing import Any

from sanic import Sanic  # type: ignore[import-not-found, unused-ignore]

app = Sanic("echo")


@app.websocket("/echo", subprotocols=["chat"])  # type: ignore[untyped-decorator, unused-ignore]
async def echo(request: Any, ws: Any) -> None:
    async for message in ws:
        if message == "close me":
            await ws.close(4001, "as you wish")
        else:
            await ws.send(message)
    print("the client left with", ws.close_code, flush=True)


if __name__ == "__main__":
    sock = socket.create_server(("127.0.0.1", 0))
    print("listens on port", sock.getsockname()[1], flush=True)
    app.run(sock=sock, access_log=False)
