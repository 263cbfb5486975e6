"""Connect, echo, close, and all over again."""

from __future__ import annotations

import asyncio

from soak.holdings import CLOSE_TIMEOUT
from ws_asyncio import connect

__all__ = ["churn"]

#: Long enough to be compressed, where that was agreed.
MESSAGE = "Is there anybody there? " * 20


async def churn(port: int, count: int, parallel: int) -> None:
    """Connect so many times, each second time without compression.

    Raises whatever a connection raises, and ValueError for a wrong echo.
    """
    numbers = iter(range(count))

    async def work() -> None:
        for number in numbers:  # which the other workers take from too
            await connect_once(port, None if number % 2 else "deflate")

    await asyncio.gather(*[work() for _ in range(parallel)])


async def connect_once(port: int, compression: str | None) -> None:
    async with connect(
        f"ws://127.0.0.1:{port}/echo",
        compression=compression,
        open_timeout=300,
        ping_interval=None,
        close_timeout=CLOSE_TIMEOUT,
    ) as ws:
        await ws.send(MESSAGE)
        if await ws.recv() != MESSAGE:
            raise ValueError("the echo differs from the message")
