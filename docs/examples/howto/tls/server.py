"""A server behind TLS, which takes a renewed certificate when it gets SIGHUP."""

from __future__ import annotations

import asyncio
import signal
import ssl

from ws_asyncio import WebSocketServerProtocol, serve


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def main() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)

    def load() -> None:
        context.load_cert_chain("fullchain.pem", "privkey.pem")
        print("certificate loaded", flush=True)

    load()
    asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, load)
    async with serve(echo, "127.0.0.1", 8765, ssl=context) as server:
        await server.serve_forever()


asyncio.run(main())
