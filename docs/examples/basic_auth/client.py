"""
A client that gives a name and a password to server.py.

    python docs/examples/basic_auth/client.py [USER PASSWORD [PORT]]

In a program the URI can hold them: ``connect("wss://ada:secret@example.com/")``.
"""

from __future__ import annotations

import asyncio
import sys

from ws_asyncio import connect
from ws_http import InvalidStatusCode, build_basic_auth


async def main(user: str = "ada", password: str = "analytical", port: str = "8765") -> None:
    headers = {"Authorization": build_basic_auth(user, password)}
    try:
        async with connect(f"ws://localhost:{port}/", extra_headers=headers) as ws:
            print(await ws.recv())
    except InvalidStatusCode as exc:
        sys.exit(f"not let in: {exc}")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
