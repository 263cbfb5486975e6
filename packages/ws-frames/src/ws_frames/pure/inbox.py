"""Messages that were received and wait to be taken: the specification of the C twin.

It does no I/O and knows no event loop. Whoever fills an inbox says how to wait: see
:class:`Source`.
"""

from __future__ import annotations

import types
from collections import deque
from collections.abc import Generator, Sequence
from operator import index
from sys import getsizeof
from typing import TYPE_CHECKING, Protocol, SupportsIndex, cast

from ..exceptions import ConnectionClosedOK
from ..frames import BytesLike, Data, Frame
from ..phases import Phase
from .parser import Parser
from .waiter import Waiter

if TYPE_CHECKING:
    from ..connection import Connection
    from .outbox import Outbox

__all__ = ["Decoding", "Inbox", "Messages", "Source"]

UNLIMITED = 2**62

# The source takes note of reads of so many bytes.
LARGE_READ = 65_536

# And of so much work. What is decoded at a time may be more than the other one by one message,
# which a connection bounds. Inflating a mebibyte takes some milliseconds.
NOTABLE_WORK = 64
MAX_WORK = 256


class Source(Protocol):
    """Where messages come from, as whoever waits for one sees it.

    Applications have such objects in their hands; the underscore keeps out of their way.
    """

    def _wait_for_message(self) -> object | None:
        """Say how to wait; called by a coroutine that found the inbox empty.

        Return None once a message is in the inbox, or else what the coroutine shall
        yield to its event loop, to be resumed when it may look again. Raise what it
        shall raise if no message will come.
        """

    def _receive_slowly(self, data: bytes) -> None:
        """Take bytes that come while others wait to be acted on, or are looked at one by one."""

    def _note_large_read(self, size: int) -> None:
        """Take note that 64 KiB or more were parsed, before what they held is acted on."""

    def _note_work(self) -> None:
        """Take note of the inbox's ``work``, which grew to 64 or more, and begin it anew."""

    def _pump(self) -> None:
        """Act on what was received and isn't a message, or had no room."""

    def _schedule_rest(self) -> None:
        """Do the same soon, and go on reading where there is room again."""


class Decoding(Protocol):
    """What makes messages of frames."""

    def try_decode(self, frame: Frame, /) -> Data | Frame | None:
        """Give the message, or None before its last frame; the frame if it is wrong."""


class Inbox:
    """The queue of the messages of one connection, and who waits for them.

    It is full at ``max_queue`` messages, or at half of ``max_bytes`` of memory: one more
    message of any size is taken below that. None means no limit, and whatever the limits
    are, one message passes. It is for one thread at a time.
    """

    __slots__ = (
        "_connection",
        "_ended",
        "_max_bytes",
        "_max_queue",
        "_messages",
        "_size",
        "_source",
        "_taken",
        "_waiter",
        "buffer",
        "stopped",
        "traced",
        "work",
    )

    def __init__(
        self, *, max_queue: SupportsIndex | None = None, max_bytes: SupportsIndex | None = None
    ) -> None:
        self._max_queue = UNLIMITED if max_queue is None else max(index(max_queue), 1)
        self._max_bytes = UNLIMITED if max_bytes is None else max(index(max_bytes), 0)
        self._messages: deque[Data] = deque()
        self._size = 0
        self._ended = False
        self._taken = False
        self._source: Source | None = None
        self._connection: Connection | None = None
        self._waiter: Waiter | None = None
        #: What :meth:`get_buffer` gives: bytes-like and writable. Connections may share it.
        self.buffer: memoryview | None = None
        #: Whether the source has stopped reading, and has to begin again for who waits.
        self.stopped = False
        #: Whether the source's ``_receive_slowly()`` is to see all bytes.
        self.traced = False
        #: What :meth:`fill` had decoded: 1 for each frame, and for each 4 KiB that came of it.
        self.work = 0

    def __len__(self) -> int:
        return len(self._messages)

    # Filling it

    @property
    def room(self) -> int:
        """How many messages may be put in; 0 when it is full, or has ended."""
        if self._ended:
            return 0
        if not self._messages:
            self._size = 0
            return self._max_queue
        if self._size > self._max_bytes // 2:
            return 0
        return max(self._max_queue - len(self._messages), 0)

    def put(self, messages: Sequence[Data], /) -> None:
        """Add messages."""
        self._messages.extend(messages)
        self._size += sum(map(getsizeof, messages))  # text takes up to 4 bytes a character

    def fill(
        self, parser: Parser, data: BytesLike, decoder: Decoding | None = None, /
    ) -> list[Data | Frame] | None:
        """Parse bytes, and add the messages before anything else that there is room for.

        A decoder makes messages of frames, as long as this isn't too much work at a time.

        Return None if that is all. Else something is left to do: it is in the list, in
        the parser (``waiting`` or ``error``), or in both.
        """
        parsed = parser.feed(data)
        kinds = list(map(type, parsed))
        count = min(kinds.index(Frame) if Frame in kinds else len(kinds), self.room)
        self.put(cast("list[Data]", parsed[:count]))
        del parsed[:count]
        if decoder is not None:
            del parsed[: self._decode(parsed, decoder)]
        return parsed if parsed or parser.waiting or parser.error is not None else None

    def _decode(self, parsed: list[Data | Frame], decoder: Decoding) -> int:
        """Add messages, and what is made of frames; tell how many of these are done with."""
        for count, item in enumerate(parsed):
            message: Data | Frame | None = item
            if not self.room:
                return count
            if isinstance(item, Frame):
                if item.opcode.is_control or self.work >= MAX_WORK:
                    return count
                message = decoder.try_decode(item)
                if message is item:
                    return count
                self.work += 1 + (len(message or b"") >> 12)
            if message is not None:
                self.put((cast("Data", message),))
        return len(parsed)

    def end(self) -> None:
        """Take no more: a message was dropped, and what followed it would hide that."""
        self._ended = True

    # Source

    def open(
        self, source: Source, connection: Connection, waiter: Waiter, outbox: Outbox, /
    ) -> None:
        """Let :meth:`receive` be called.

        The connection makes messages of bytes, and the waiter is what the source gives who
        waits for one. Who waits has the outbox flushed, as the source does it.
        """
        self._source = source
        self._connection = connection
        self._waiter = waiter

    def close(self) -> None:
        """Forget what :meth:`open` was given: nothing more will be received."""
        self._source = self._connection = self._waiter = None

    def receive(self, data: bytes, /) -> None:
        """Take bytes that arrived, and let go on who waits for a message."""
        source, connection, waiter = self._source, self._connection, self._waiter
        if source is None or connection is None or waiter is None:
            return
        if self.traced or type(data) is not bytes or not is_idle(connection):
            source._receive_slowly(data)
            return
        size = len(data)
        connection.receive_into(self, data)
        del data  # the task that goes on may be done with the message before this is
        if size >= LARGE_READ:
            source._note_large_read(size)
        if self.work >= NOTABLE_WORK:
            source._note_work()
        if self._messages:
            waiter.wake()
        if self._messages or connection.pending:
            source._pump()

    def get_buffer(self, sizehint: int, /) -> memoryview | None:
        """Give where to put the bytes that arrive next: the attribute ``buffer``."""
        return self.buffer

    def buffer_updated(self, nbytes: int, /) -> None:
        """Take so many bytes that arrived in the buffer, as :meth:`receive` does.

        Raises ValueError if there is no room for so many, TypeError if there is no buffer.
        """
        if self._source is None:
            return
        buffer = memoryview(cast(memoryview, self.buffer)).cast("B")
        if not 0 <= nbytes <= len(buffer):
            raise ValueError(f"nbytes is {nbytes}, the buffer has {len(buffer)}")
        self.receive(bytes(buffer[:nbytes]))

    # Taking messages

    @property
    def taken(self) -> bool:
        """Whether a coroutine waits for a message, or can go on and has not done so yet."""
        return self._taken

    def pop(self) -> Data:
        """Take the next message. Raises IndexError if there is none."""
        if not self._messages:
            raise IndexError("no message is there")
        return self._messages.popleft()

    async def recv(self, source: Source, /) -> Data:
        """Take the next message; wait until there is one.

        Raises what ``source`` does if none will come, RuntimeError if another
        coroutine is waiting. Cancelling it loses no message.
        """
        if self._taken:
            raise RuntimeError(
                "recv() or iteration is running already; only one coroutine can receive at a time"
            )
        while not self._messages:
            blocker = source._wait_for_message()
            if blocker is not None:
                self._taken = True
                try:
                    await suspend(blocker)
                finally:
                    self._taken = False
        # Have reading go on where it was stopped and there is room again: who takes the last
        # message may not wait for another one for long. Not for each message: when half of
        # them are left, and when none is.
        if self.stopped and len(self._messages) - 1 in (0, self._max_queue // 2):
            source._schedule_rest()
        return self._messages.popleft()

    def messages(self, source: Source, /) -> Messages:
        """Go through the messages, until ``source`` raises ConnectionClosedOK."""
        return Messages(self, source)


class Messages:
    """An asynchronous iterator over the messages of an inbox."""

    __slots__ = ("_inbox", "_source")

    def __init__(self, inbox: Inbox, source: Source) -> None:
        self._inbox = inbox
        self._source = source

    def __aiter__(self) -> Messages:
        return self

    async def __anext__(self) -> Data:
        try:
            return await self._inbox.recv(self._source)
        except ConnectionClosedOK:
            raise StopAsyncIteration from None


def is_idle(connection: Connection) -> bool:
    """Whether a connection is open, and nothing that it received waits."""
    return connection.phase is Phase.OPEN and not connection.pending


@types.coroutine
def suspend(blocker: object) -> Generator[object, None, None]:
    """Hand something to the event loop that runs this coroutine."""
    yield blocker
