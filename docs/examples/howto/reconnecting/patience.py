"""A client that gives up: at once where trying again is of no use, else after some tries."""

from __future__ import annotations

import asyncio
import sys

from ws_asyncio import connect, is_transient
from ws_frames import ConnectionClosedError, WebSocketException

TRIES = 5


async def main(uri: str) -> None:
    tries = 0

    def is_worth_it(exc: Exception) -> bool:
        nonlocal tries
        tries += 1
        return is_transient(exc) and tries < TRIES

    async for ws in connect(uri, retry_on=is_worth_it):
        tries = 0
        try:
            async for message in ws:
                print(message)
            return  # the server said goodbye
        except ConnectionClosedError as exc:
            print(f"lost: {exc}")


try:
    asyncio.run(main(sys.argv[1]))
except (OSError, asyncio.TimeoutError, WebSocketException) as exc:
    sys.exit(f"not connected: {exc}")
