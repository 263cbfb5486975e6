"""A server that asks clients for a certificate, and knows them by it."""

from __future__ import annotations

import asyncio
import ssl

from ws_asyncio import WebSocketServerProtocol, serve


async def greet(ws: WebSocketServerProtocol) -> None:
    certificate = ws.transport.get_extra_info("peercert")
    subject = {name: value for ((name, value),) in certificate["subject"]}
    await ws.send(f"You are {subject['commonName']}.")


async def main() -> None:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile="clients.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain("fullchain.pem", "privkey.pem")
    async with serve(greet, "127.0.0.1", 8765, ssl=context) as server:
        await server.serve_forever()


asyncio.run(main())
