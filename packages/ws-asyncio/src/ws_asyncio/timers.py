"""One timer of the event loop for all that waits equally long: the keepalive of each connection."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from contextvars import Context
from typing import Callable
from weakref import WeakValueDictionary

__all__ = ["SharedTimer"]

Callback = Callable[[], object]

# Many connections may have been opened at one moment; others want their turn between.
MAX_CALLS_A_TURN = 100

# How much too early something is done, as a part of its delay and in seconds, to do it
# together with something else: thousands of connections wake the process less often.
SLACK = 0.01
MAX_SLACK = 0.05

# The event loop holds a timer that has something to do, and nothing else does for long.
timers: WeakValueDictionary[tuple[int, float], SharedTimer] = WeakValueDictionary()


class SharedTimer:
    """Calls what is added to it after ``delay`` seconds.

    What waits stands in the order in which it is due, so that adding and cancelling take
    the same time however much waits; an event loop has to sort its timers, and keeps
    those that were cancelled for a while.
    """

    __slots__ = ("__weakref__", "_armed", "_delay", "_due", "_loop", "_slack")

    def __init__(self, loop: asyncio.AbstractEventLoop, delay: float) -> None:
        self._loop = loop
        self._delay = delay
        self._slack = min(delay * SLACK, MAX_SLACK)
        self._due: OrderedDict[Callback, float] = OrderedDict()
        self._armed = False

    @classmethod
    def of(cls, loop: asyncio.AbstractEventLoop, delay: float) -> SharedTimer:
        """Give the one for this event loop and this delay."""
        timer = timers.get((id(loop), delay))
        if timer is None or timer._loop is not loop:
            timer = timers[id(loop), delay] = cls(loop, delay)
        return timer

    def add(self, callback: Callback) -> None:
        """Call ``callback`` once after the delay; it isn't to wait already."""
        when = self._due[callback] = self._loop.time() + self._delay
        if not self._armed:
            self._arm(when)

    def cancel(self, callback: Callback) -> None:
        """Don't call ``callback``, if it still waits."""
        self._due.pop(callback, None)

    def _arm(self, when: float) -> None:
        self._armed = True
        # Not in the context of who happens to be the first.
        self._loop.call_at(when, self._run, context=Context())

    def _run(self) -> None:
        # Armed all the while: what a callback adds is due later than what is left for the
        # next turn, and must not arm the timer for its own time.
        latest = self._loop.time() + self._slack
        try:
            for _ in range(MAX_CALLS_A_TURN):
                callback = self._next(latest)
                if callback is None:
                    break
                self._call(callback)
        finally:
            self._armed = False
            if self._due:
                self._arm(next(iter(self._due.values())))

    def _next(self, latest: float) -> Callback | None:
        if not self._due:
            return None
        callback = next(iter(self._due))
        if self._due[callback] > latest:
            return None
        del self._due[callback]
        return callback

    def _call(self, callback: Callback) -> None:
        try:
            callback()
        except Exception as exc:  # noqa: BLE001 - it is no fault of what comes behind it
            self._loop.call_exception_handler(
                {"message": "exception in a shared timer", "exception": exc}
            )
