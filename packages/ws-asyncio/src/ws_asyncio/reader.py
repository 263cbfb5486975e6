"""Messages on their way from the network to ``recv()``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable

from ws_frames import Data

from .waiter import Waiter

__all__ = ["Reader"]


class Reader:
    """The queue of messages that were received and not yet read, and who waits for them.

    It is full at ``max_queue`` messages, or at about ``max_bytes`` of them; None means
    no limit. A full one is filled again when it has become empty, so that handling
    messages goes in batches.
    """

    __slots__ = ("_ended", "_max_bytes", "_max_queue", "_size", "_waiter", "messages", "receiving")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, max_queue: int | None, max_bytes: int | None
    ) -> None:
        self.messages: deque[Data] = deque()
        self._max_queue = max_queue
        self._max_bytes = max_bytes
        self._size = 0
        self._ended = False
        self.receiving = False
        self._waiter = Waiter(loop)

    @property
    def room(self) -> int:
        """How many messages may be put in; 0 when it is full, or has ended."""
        if self._ended:
            return 0
        if not self.messages:
            self._size = 0
        elif self._max_bytes is not None and self._size >= self._max_bytes:
            return 0
        if self._max_queue is None:
            return 1024
        # Whatever the limits are, one message must pass.
        return max(self._max_queue - len(self.messages), 0 if self.messages else 1)

    def put(self, messages: Iterable[Data]) -> None:
        """Queue messages, and let whoever waits for them go on."""
        for message in messages:
            self.messages.append(message)
            self._size += len(message)
        self.wake()

    def end(self) -> None:
        """Take no more: a message was dropped, and what followed it would hide that."""
        self._ended = True

    def wake(self) -> None:
        """Let whoever waits look again: a message is there, or the connection is closed."""
        self._waiter.wake()

    async def wait(self) -> None:
        """Wait until :meth:`wake`; one task at a time."""
        self.receiving = True
        try:
            await self._waiter
        finally:
            self.receiving = False

    def check_alone(self) -> None:
        """Raise RuntimeError if somebody else is waiting."""
        if self.receiving:
            raise RuntimeError(
                "recv() or iteration is running already; only one coroutine can receive at a time"
            )
