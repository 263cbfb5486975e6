"""Time in the hands of a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Callable


class Clock:
    """The time of an event loop; it passes only while the loop has nothing else to do.

    Where nothing is due either, the test would hang: that is an error.
    """

    def __init__(self) -> None:
        self.now = 1000.0
        self.select: Callable[[float], list[object]] = lambda timeout: []

    def time(self) -> float:
        return self.now

    def wait(self, timeout: float | None = None) -> list[object]:
        events = self.select(0)
        if not events:
            if timeout is None:
                raise RuntimeError("nothing is due, and nothing will happen any more")
            self.now += max(timeout, 0)
        return events

    @contextmanager
    def run(self, loop: Any) -> Iterator[None]:
        """Take the place of the clock of a loop."""
        selector = loop._selector
        self.select = selector.select
        selector.select, loop.time = self.wait, self.time
        try:
            yield
        finally:
            del selector.select, loop.time
