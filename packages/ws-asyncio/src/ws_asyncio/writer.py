"""Bytes on their way from ``send()`` to the network."""

from __future__ import annotations

import asyncio

__all__ = ["GATHER_SIZE", "Writer"]

# Gathering more than the kernel takes in one call gains nothing.
GATHER_SIZE = 65_536

# Each takes some 40 bytes besides its own.
MAX_PIECES = 1024


class Writer:
    """Hands bytes to the transport, joined where several are written in a row.

    ``limit`` is the high-water mark of the transport, and no more than that is gathered.
    Nothing is handed over while the transport is above its high-water mark: its buffer
    is asked for its size at each write, which takes time in proportion to its pieces.
    """

    __slots__ = (
        "_drained",
        "_flush_scheduled",
        "_gather_size",
        "_gathered",
        "_loop",
        "_size",
        "_transport",
        "paused",
    )

    def __init__(
        self, loop: asyncio.AbstractEventLoop, transport: asyncio.Transport, limit: int
    ) -> None:
        self._loop = loop
        self._transport = transport
        self._gather_size = min(GATHER_SIZE, limit)
        self._gathered: list[bytes] = []
        self._size = 0
        self._flush_scheduled = False
        self._drained: asyncio.Future[None] | None = None
        #: Whether the transport is above its high-water mark.
        self.paused = False

    @property
    def backlog(self) -> int:
        """Bytes that wait for the transport to be below its high-water mark."""
        return self._size if self.paused else 0

    def write(self, data: bytes, *, more: bool = False) -> None:
        """Write, behind what was gathered.

        With ``more`` gather it, and write it together with what follows: on
        :meth:`flush`, or at the end of this turn of the event loop.
        """
        if not (more or self._gathered or self.paused):
            self._hand_over(data)
            return
        self._gathered.append(data)
        self._size += len(data)
        if not more or self._size >= self._gather_size or len(self._gathered) >= MAX_PIECES:
            self.flush()
        elif not self._flush_scheduled:
            self._flush_scheduled = True
            self._loop.call_soon(self._end_of_turn)

    def flush(self) -> None:
        """Write what was gathered, if the transport can take it."""
        if self._gathered and not self.paused:
            self.finish()

    def finish(self) -> None:
        """Hand over what was gathered in any case: the transport is about to close."""
        if self._gathered:
            data = b"".join(self._gathered)
            self._gathered.clear()
            self._size = 0
            self._hand_over(data)

    def discard(self) -> None:
        """Forget what was gathered, and let go whoever waits: TCP has ended."""
        self._gathered.clear()
        self._size = 0
        self.paused = False
        self._release()

    async def drain(self) -> None:
        """Wait until the transport is below its high-water mark."""
        while self.paused:
            if self._drained is None:
                self._drained = self._loop.create_future()
            # Several may wait, and cancelling one of them must not end the others.
            await asyncio.shield(self._drained)

    def pause(self) -> None:
        """Note that the transport is above its high-water mark."""
        self.paused = True

    def resume(self) -> None:
        """Note that the transport is below its low-water mark again."""
        self.paused = False
        self.flush()
        if not self.paused:
            self._release()

    def _hand_over(self, data: bytes) -> None:
        # When a write has failed, the end of TCP is told in a later turn of the loop.
        if not self._transport.is_closing():
            self._transport.write(data)
        else:
            self.paused = True  # until discard(), so that who goes on sending waits for it

    def _end_of_turn(self) -> None:
        self._flush_scheduled = False
        self.flush()

    def _release(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)
