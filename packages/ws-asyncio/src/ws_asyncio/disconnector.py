"""The end of TCP, within a time limit."""

from __future__ import annotations

import asyncio
import math
from typing import Callable

from .timers import SharedTimer

__all__ = ["Disconnector"]


class Disconnector:
    """Ends the TCP connection under a transport; aborts it after ``timeout`` seconds.

    It runs on a timer that connections share, so nobody has to wait for it, and it may be some
    hundredths of a second early; None as the time is for ever.
    """

    __slots__ = ("_action", "_loop", "_timer", "_transport", "timeout")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        transport: asyncio.Transport,
        timeout: float | None,
    ) -> None:
        self._loop = loop
        self._transport = transport
        self.timeout = timeout
        self._action: Callable[[], object] | None = None  # what is to be called

    def close(self) -> None:
        """Close it, once what was written is on its way."""
        # From Python 3.11 on, TLS that is closed once more can't be aborted.
        if not self._transport.is_closing():
            self._transport.close()
        self.limit(self._transport.abort)

    def linger(
        self, *, at_most: float = math.inf, then: Callable[[], object] | None = None
    ) -> None:
        """Close it, once what was written has a chance to be read.

        That takes ``at_most`` so many seconds, where that is less than the time limit;
        after them ``then`` is called, and by default it is aborted.

        Closing a socket while bytes are there to be read resets the connection, and the
        reset may overtake what was written last. So end our side only, and read on until
        the peer ends its own.
        """
        if not self._transport.can_write_eof():
            self.close()
            return
        try:
            self._transport.write_eof()
        except OSError:  # the peer has reset the connection, and asyncio doesn't know yet
            self.close()
            return
        self._transport.resume_reading()
        self.limit(then or self._transport.abort, at_most)

    def limit(self, action: Callable[[], object], at_most: float = math.inf) -> None:
        """Call ``action`` after the time limit, instead of what was to be called."""
        self.stop()
        seconds = min(at_most, math.inf if self.timeout is None else self.timeout)
        if seconds < math.inf:
            self._action = action
            self._timer = SharedTimer.of(self._loop, seconds)
            self._timer.add(action)

    def stop(self) -> None:
        """Call nothing: TCP has ended."""
        if self._action is not None:
            self._timer.cancel(self._action)
            self._action = None
