"""The transport's high-water mark, and who waits for it."""

from __future__ import annotations

import asyncio

from ws_frames import Outbox

__all__ = ["Writer"]


class Writer:
    """Stops an outbox while its transport has enough to write, and lets senders wait."""

    __slots__ = ("_drained", "_loop", "_outbox")

    def __init__(self, loop: asyncio.AbstractEventLoop, outbox: Outbox) -> None:
        self._loop = loop
        self._outbox = outbox
        self._drained: asyncio.Future[None] | None = None

    async def drain(self) -> None:
        """Wait until the transport is below its high-water mark."""
        while self._outbox.paused:
            if self._drained is None:
                self._drained = self._loop.create_future()
            # Several may wait, and cancelling one of them must not end the others.
            await asyncio.shield(self._drained)

    def pause(self) -> None:
        """Note that the transport is above its high-water mark."""
        self._outbox.paused = True

    def resume(self) -> None:
        """Note that the transport is below its low-water mark again."""
        self._outbox.paused = False
        self._outbox.flush()
        if not self._outbox.paused:
            self._release()

    def end(self) -> None:
        """Forget what was to be written, and let go whoever waits: TCP has ended."""
        self._outbox.discard()
        self._outbox.paused = False
        self._release()

    def _release(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)
