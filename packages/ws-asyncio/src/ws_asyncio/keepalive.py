"""Pings that wait for their pong, and those that are sent to see whether the peer is there."""

from __future__ import annotations

import asyncio
from time import perf_counter  # that of an event loop may count in milliseconds
from typing import Callable

from .timers import SharedTimer

__all__ = ["Keepalive", "PongWaiters"]


class PongWaiters:
    """The futures of the pings under way, and how long the last one took."""

    __slots__ = ("_loop", "_waiting", "latency")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: dict[bytes, tuple[asyncio.Future[float], float]] = {}
        #: Seconds between the last ping that was answered and its pong.
        self.latency = 0.0

    def add(self, data: bytes) -> asyncio.Future[float]:
        """Make the future of a ping that was just sent; it gives the latency in seconds."""
        future: asyncio.Future[float] = self._loop.create_future()
        self._waiting[data] = (future, perf_counter())
        return future

    def answer(self, answered: tuple[bytes, ...]) -> None:
        """Complete the futures of the pings that a pong answers."""
        now = perf_counter()
        for data in answered:
            future, sent = self._waiting.pop(data)
            self.latency = now - sent
            if not future.done():
                future.set_result(self.latency)

    def fail(self, make_exception: Callable[[], Exception]) -> None:
        """Complete them all with an exception: no pong will come."""
        for future, _ in self._waiting.values():
            if not future.done():
                future.set_exception(make_exception())
                future.exception()  # whoever dropped the future doesn't want to hear of it
        self._waiting.clear()


class Keepalive:
    """Sends a ping every ``interval`` seconds and reports when a pong takes too long.

    It takes no task, and shares its timers with other connections. Without ``timeout``
    pongs may take for ever.
    """

    __slots__ = ("_interval", "_loop", "_next", "_ping", "_pong", "_report", "_timeout", "_timer")

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        *,
        interval: float,
        timeout: float | None,
        ping: Callable[[], asyncio.Future[float]],
        report: Callable[[], None],
    ) -> None:
        self._loop = loop
        self._interval = interval
        self._timeout = timeout
        self._ping = ping
        self._report = report
        self._pong: asyncio.Future[float] | None = None
        self._next: Callable[[], None] | None = None
        self._wait(interval, self._send)

    def stop(self) -> None:
        """Send no more."""
        if self._next is not None:
            self._timer.cancel(self._next)
            self._next = None  # it refers to this object

    def _wait(self, seconds: float, step: Callable[[], None]) -> None:
        self._next = step
        self._timer = SharedTimer.of(self._loop, seconds)
        self._timer.add(step)

    def _send(self) -> None:
        self._pong = self._ping()
        if self._timeout is None:
            self._wait(self._interval, self._send)
        elif self._timeout <= self._interval:
            self._wait(self._timeout, self._check)
        else:
            self._wait(self._interval, self._send_if_answered)

    def _send_if_answered(self) -> None:
        assert self._pong is not None
        assert self._timeout is not None
        if self._pong.done():
            self._send()
        else:
            self._wait(self._timeout - self._interval, self._check)

    def _check(self) -> None:
        assert self._pong is not None
        if not self._pong.done():
            self._report()
            return
        assert self._timeout is not None
        rest = max(self._interval - self._timeout, 0)
        self._wait(rest, self._send)
