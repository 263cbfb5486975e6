"""An application of ASGI, on a server that has wsproto under it: Uvicorn or Hypercorn."""

from __future__ import annotations

import sys
from typing import Any

from tests.interop.peers.talk import CERTIFICATE, Data, answer, listen, main, tell_end, tell_port

NAME = sys.argv[1]


class End:
    """Fragments and pings are the server's own business."""

    def __init__(self, send: Any, subprotocol: str | None) -> None:
        self._send = send
        self.subprotocol = subprotocol

    async def send(self, message: Data) -> None:
        kind = "text" if isinstance(message, str) else "bytes"
        await self._send({"type": "websocket.send", kind: message})

    async def send_fragments(self, fragments: Any) -> None:
        raise NotImplementedError

    async def ping(self, data: bytes) -> None:
        raise NotImplementedError

    async def close(self, code: int, reason: str) -> None:
        await self._send({"type": "websocket.close", "code": code, "reason": reason})


async def app(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] != "websocket":
        return
    assert (await receive())["type"] == "websocket.connect"
    subprotocol = next(iter(scope["subprotocols"]), None)
    await send({"type": "websocket.accept", "subprotocol": subprotocol})
    end = End(send, subprotocol)
    while (event := await receive())["type"] == "websocket.receive":
        text = event.get("text")
        await answer(end, event["bytes"] if text is None else text)
    tell_end(event["code"], event.get("reason"))


async def serve_uvicorn(transport: str, compressed: bool) -> None:
    import uvicorn  # type: ignore[import-not-found, unused-ignore]

    secure = {"ssl_certfile": CERTIFICATE} if transport == "tls" else {}
    config = uvicorn.Config(
        app, ws="wsproto", ws_per_message_deflate=compressed, lifespan="off", **secure
    )
    sock = listen()
    tell_port(sock)
    await uvicorn.Server(config).serve(sockets=[sock])


async def serve_hypercorn(transport: str, compressed: bool) -> None:
    from hypercorn.asyncio import serve  # type: ignore[import-not-found, unused-ignore]
    from hypercorn.config import Config  # type: ignore[import-not-found, unused-ignore]

    sock = listen()
    config = Config()
    config.bind = [f"fd://{sock.fileno()}"]
    if transport == "tls":
        config.certfile = config.keyfile = CERTIFICATE
    tell_port(sock)
    await serve(app, config)


if __name__ == "__main__":
    from importlib.metadata import version

    server = {"uvicorn": serve_uvicorn, "hypercorn": serve_hypercorn}[NAME]
    main(f"{version(NAME)}, wsproto {version('wsproto')}", None, server)
