"""
The shortest client: it says something, and shows the answer.

    python docs/examples/quickstart/client.py [MESSAGE [PORT]]

It is for the server of server.py, which has to run.
"""

from __future__ import annotations

import asyncio
import sys

from ws_asyncio import connect


async def main(message: str = "Hello", port: str = "8765") -> None:
    async with connect(f"ws://localhost:{port}/") as ws:
        await ws.send(message)
        print(await ws.recv())


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
