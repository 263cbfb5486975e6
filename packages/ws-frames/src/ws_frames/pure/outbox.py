"""Messages and frames on their way out: the specification of the C twin.

It does no I/O and knows no event loop: bytes go to a :class:`Sink`.
"""

from __future__ import annotations

from collections.abc import Coroutine
from operator import index
from typing import Any, Callable, Protocol, SupportsIndex

from ..frames import Payload
from ..opcodes import FIN, Opcode
from ..phases import Phase
from .inbox import Inbox
from .serializer import encode_length

__all__ = ["Encoding", "Outbox", "Sender", "Sink"]

# Gathering more than a system takes in one call gains nothing.
GATHER_SIZE = 65_536

# Each takes some 40 bytes besides its own.
MAX_PIECES = 1024

# What a sink can't write at once it copies; so it gets a large message slice by slice, and
# the next one when there is room again.
SLICE = 1_048_576

# How much of a large message is copied, to be written together with its header.
COPIED = 262_144

FIN_BINARY = FIN | Opcode.BINARY

# The types of a message in one piece.
WHOLE = (str, bytes, bytearray, memoryview)


class Sink(Protocol):
    """What takes the bytes, such as a transport."""

    def write(self, data: bytes | memoryview) -> object:
        """Write bytes, or keep them to be written later."""

    def is_closing(self) -> bool:
        """Whether nothing can be written any more."""


class Encoding(Protocol):
    """What makes messages into frames, such as a :class:`Connection`."""

    phase: Phase
    pending: bool

    def send_message(self, payload: Payload, *, compress: bool = True) -> bytes:
        """Give the bytes of a message."""


class Sender(Protocol):
    """What knows how to send that which can't be sent at once."""

    def _send_slowly(self, message: Any, compress: bool) -> Coroutine[Any, Any, None]:
        """Send anything, whatever has to be waited for."""

    def _drain(self) -> Coroutine[Any, Any, None]:
        """Wait until the sink takes bytes again."""


class Outbox:
    """Hands bytes to a sink, joined where several are written in a row.

    ``limit`` is the high-water mark of the sink, and no more than that is gathered.
    Nothing is handed over while ``paused``: some sinks take time in proportion to what
    they hold. ``inbox`` holds the received messages that will be answered. ``call_soon``
    calls a function when the work that is under way is done, as event loops do.
    """

    __slots__ = (
        "_call_soon",
        "_connection",
        "_dividing",
        "_gather_size",
        "_gathered",
        "_inbox",
        "_large",
        "_masked",
        "_scheduled",
        "_sink",
        "_size",
        "held",
        "paused",
        "traced",
    )

    def __init__(
        self,
        sink: Sink,
        call_soon: Callable[[Callable[[], object]], object],
        inbox: Inbox,
        *,
        limit: SupportsIndex = GATHER_SIZE,
    ) -> None:
        self._sink = sink
        self._call_soon = call_soon
        self._inbox = inbox
        self._gather_size = min(GATHER_SIZE, index(limit))
        self._connection: Encoding | None = None
        self._masked: bool | None = None
        self._large: memoryview | None = None
        self._gathered: list[bytes] = []
        self._size = 0
        self._dividing = False
        self._scheduled = False
        #: Whether the sink is above its high-water mark.
        self.paused = False
        #: Whether a fragmented message is under way, which no other may interrupt.
        self.held = False
        #: Whether the sender's ``_send_slowly()`` is to see each message.
        self.traced = False

    def open(self, connection: Encoding, masked: bool | None) -> None:
        """Let messages be sent.

        ``masked`` says whether a message is a frame with a mask; None leaves it to the
        connection to make it one, as extensions ask for.
        """
        self._connection = connection
        self._masked = masked

    # Messages

    async def send(self, sender: Sender, message: Any, compress: bool = True, /) -> None:
        """Send a message: at once where that can be done, else as ``sender`` does."""
        connection = self._connection
        if (
            connection is None
            or self.held
            or self.traced
            or connection.phase is not Phase.OPEN
            or not isinstance(message, WHOLE)
        ):
            await sender._send_slowly(message, compress)
            return
        if self._shares(message):
            self._share(message)
        else:
            data = connection.send_message(message, compress=compress)
            # While received messages are waiting to be handled, more will follow soon.
            self.write(data, len(self._inbox) > 0 or connection.pending)
        if self.paused:
            await sender._drain()

    def _shares(self, message: Any) -> bool:
        """Whether a message goes without a copy of most of it.

        Such is one of bytes, which nobody changes, and large, and nothing is to be done to it.
        """
        unchanged = self._masked is False and type(message) is bytes
        return unchanged and len(message) > COPIED and self._is_idle()

    def _share(self, message: Any) -> None:
        header = bytes((FIN_BINARY,)) + encode_length(len(message), 0)
        start, rest = header + message[:COPIED], memoryview(message)[COPIED:]
        # As _is_idle(), without a call that would leave a moment for others.
        if self._gathered or self._large or self.paused or self._dividing:
            self.write(header + message)
            return
        self._dividing, self._large = True, rest  # first: what writes may write more
        self._hand_over_part(start)
        self.flush()

    # Bytes

    @property
    def backlog(self) -> int:
        """Bytes that wait for the sink to be below its high-water mark."""
        return self._size + len(self._large or b"") if self.paused else 0

    def write(self, data: bytes, more: bool = False, /) -> None:
        """Write, behind what was gathered.

        With ``more`` gather it, and write it together with what follows: on
        :meth:`flush`, or at the end of this turn of the event loop.
        """
        if not more and self._is_idle():
            self._hand_over(data)
            return
        self._gather(data)
        if not more or self._size >= self._gather_size or len(self._gathered) >= MAX_PIECES:
            self.flush()
        elif not self._scheduled:
            self._scheduled = True
            try:
                self._call_soon(self.end_turn)
            except BaseException:
                self._scheduled = False
                raise

    def end_turn(self) -> None:
        """Write what was gathered in this turn of the event loop."""
        self._scheduled = False
        self.flush()

    def flush(self) -> None:
        """Write what was gathered, if the sink can take it."""
        if self._dividing:
            return  # who hands over a part does this when it is done
        self._write_slices()
        if self._gathered and not self.paused:
            self._hand_over(self._join())

    def finish(self) -> None:
        """Hand over what was gathered in any case: the sink is about to close."""
        large, self._large = self._large, None
        if large is not None:
            self._hand_over_whole(large)
        if self._gathered:
            self._hand_over_whole(self._join())

    def discard(self) -> None:
        """Forget what was gathered."""
        self._large = None
        self._gathered.clear()
        self._size = 0

    def _join(self) -> bytes:
        data = b"".join(self._gathered)
        self._gathered.clear()
        self._size = 0
        return data

    def _hand_over(self, data: bytes) -> None:
        if len(data) <= SLICE:
            self._hand_over_whole(data)
            return
        view = memoryview(data)
        # As _is_idle(), without a call that would leave a moment for others.
        if self._gathered or self._large or self.paused or self._dividing:
            self._gather(data)
        else:
            self._large = view
        self.flush()

    # Making an object may run the garbage collector, and so finalizers, which may write, flush or
    # discard. What follows looks again.

    def _is_idle(self) -> bool:
        """Whether bytes may be handed over before anything else."""
        return not (self._gathered or self._large or self.paused or self._dividing)

    def _gather(self, data: bytes) -> None:
        self._gathered.append(data)
        self._size += len(data)

    def _hand_over_whole(self, data: bytes | memoryview) -> None:
        # When a write has failed, the end of TCP is told in a later turn of the event loop.
        if self._sink.is_closing():
            self.paused = True  # so that who goes on sending waits for it
        else:
            self._sink.write(data)

    def _write_slices(self) -> None:
        while self._large and not self.paused:
            large = self._large
            slice, rest = large[:SLICE], large[SLICE:] or None
            if self._large is large:
                self._dividing, self._large = True, rest
                self._hand_over_part(slice)

    def _hand_over_part(self, part: bytes | memoryview) -> None:
        # What is written while this is so waits for the other parts; the caller has set it.
        assert self._dividing
        try:
            self._hand_over_whole(part)
        except BaseException:
            self._large = None  # the rest has no sense where the sink refused this part
            raise
        finally:
            self._dividing = False
