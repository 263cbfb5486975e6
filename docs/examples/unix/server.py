"""
A server on a Unix socket, a file instead of a port: for programs of the same machine only.

    python docs/examples/unix/server.py [PATH]

Then run client.py in another terminal. The permissions of the file say who may connect.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from pathlib import Path

from ws_asyncio import WebSocketServerProtocol, unix_serve

PATH = str(Path(tempfile.gettempdir(), "ws-example.sock"))


async def shout(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message.upper())


async def main(path: str = PATH) -> None:
    os.umask(0o077)  # so that only processes of the same user may connect
    async with unix_serve(shout, path) as server:
        print(f"{path} is there; ^C ends it", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(main(*sys.argv[1:]))
