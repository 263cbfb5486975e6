"""The messages of a connection that has a ``recv()`` of its own."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Callable

from ws_frames import ConnectionClosedOK

__all__ = ["Messages"]


class Messages:
    """What ``async for`` goes through: whatever ``recv`` gives, until the connection is closed."""

    def __init__(self, recv: Callable[[], Awaitable[Any]]) -> None:
        self._recv = recv

    def __aiter__(self) -> Messages:
        return self

    async def __anext__(self) -> Any:
        try:
            return await self._recv()
        except ConnectionClosedOK:
            raise StopAsyncIteration from None
