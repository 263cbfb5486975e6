"""
A client of the Unix socket of server.py.

    python docs/examples/unix/client.py [MESSAGE [PATH]]
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
from pathlib import Path

from ws_asyncio import unix_connect

PATH = str(Path(tempfile.gettempdir(), "ws-example.sock"))


async def main(message: str = "hello", path: str = PATH) -> None:
    # The URI says what to ask for; the socket says whom.
    async with unix_connect(path, "ws://localhost/") as ws:
        await ws.send(message)
        print(await ws.recv())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
