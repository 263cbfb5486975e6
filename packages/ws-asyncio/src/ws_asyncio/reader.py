"""Messages on their way from the network to ``recv()``."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from sys import getsizeof

from ws_frames import Data

from .waiter import Waiter

__all__ = ["Reader"]

UNLIMITED = 2**62


class Reader:
    """The queue of messages that were received and not yet read, and who waits for them.

    It is full at ``max_queue`` messages, or at about ``max_bytes`` of them; None means
    no limit. A full one is filled again when it has become empty, so that handling
    messages goes in batches.
    """

    __slots__ = ("_ended", "_max_bytes", "_max_queue", "_size", "messages", "waiter")

    def __init__(
        self, loop: asyncio.AbstractEventLoop, *, max_queue: int | None, max_bytes: int | None
    ) -> None:
        self.messages: deque[Data] = deque()
        # Whatever the limits are, one message must pass.
        self._max_queue = UNLIMITED if max_queue is None else max(max_queue, 1)
        self._max_bytes = max_bytes
        self._size = 0
        self._ended = False
        #: What a task waits for that finds no message; :meth:`wake` ends that.
        self.waiter = Waiter(loop)

    @property
    def room(self) -> int:
        """How many messages may be put in; 0 when it is full, or has ended."""
        if self._ended:
            return 0
        if not self.messages:
            self._size = 0
            return self._max_queue
        # Half of the limit, since one more message of any size is taken below it.
        if self._max_bytes is not None and self._size > self._max_bytes // 2:
            return 0
        return max(self._max_queue - len(self.messages), 0)

    def put(self, messages: Sequence[Data]) -> None:
        """Queue messages; :meth:`wake` lets whoever waits for them go on."""
        self.messages.extend(messages)
        self._size += sum(map(getsizeof, messages))  # text takes up to 4 bytes a character

    def end(self) -> None:
        """Take no more: a message was dropped, and what followed it would hide that."""
        self._ended = True

    def wake(self) -> None:
        """Let whoever waits look again: a message is there, or the connection is closed."""
        self.waiter.wake()

    def check_alone(self) -> None:
        """Raise RuntimeError if somebody else is waiting."""
        if self.waiter.taken:
            raise RuntimeError(
                "recv() or iteration is running already; only one coroutine can receive at a time"
            )
