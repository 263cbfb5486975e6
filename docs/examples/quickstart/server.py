"""
The shortest server: it sends back what it is sent.

    python docs/examples/quickstart/server.py [PORT]

Then run client.py in another terminal, or ``python -m ws_asyncio ws://localhost:8765/``.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys

from ws_asyncio import WebSocketServerProtocol, serve


async def echo(ws: WebSocketServerProtocol) -> None:
    """Talk to one client; this runs once for each of them, side by side."""
    async for message in ws:
        await ws.send(message)


async def main(port: int = 8765) -> None:
    async with serve(echo, "localhost", port) as server:
        print(f"ws://localhost:{port}/ is there; ^C ends it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*map(int, sys.argv[1:])))
