"""Time that jumps where nothing happens, and a look at what connections leave behind."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, Callable, TypeVar

import pytest

from tests.conftest import Recorder

T = TypeVar("T")

Run = Callable[[Coroutine[Any, Any, T]], T]

#: Seconds that nothing here takes unless something hangs.
PATIENCE = 60


# Time


class Skipping:
    """Lets the time of an event loop jump to what is due, once nothing else happens.

    Without that a peer that has fallen silent would keep a test waiting.
    """

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._real_time = partial(type(loop).time, loop)
        self._selector = loop._selector
        self._ahead = 0.0

    def start(self) -> None:
        self._ahead = self._loop.time() - self._real_time()
        self._loop.time = self.time
        self._selector.select, self._select = self.select, self._selector.select

    def time(self) -> float:
        return float(self._real_time() + self._ahead)

    def select(self, timeout: float | None = None) -> Any:
        if timeout is not None and timeout <= 0:
            return self._select(0)
        # What the kernel is still passing through the loopback takes no longer.
        events = self._select(0.001)
        if not events:
            if timeout is None:
                raise RuntimeError("nothing is due, and nothing will happen any more")
            self._ahead += timeout
        return events

    def stop(self) -> None:
        """Skip no more time; what was skipped stays so, since clocks don't go back."""
        vars(self._selector).pop("select", None)


@pytest.fixture
def skipping() -> type[Skipping]:
    """The class of a clock that jumps; ``start()`` it when nothing is to come any more."""
    return Skipping


# What is left


def descriptors() -> int:
    """Count the open descriptors; 0 where they can't be seen."""
    try:
        return len(os.listdir("/proc/self/fd"))
    except FileNotFoundError:
        return 0


class Leftovers:
    """Compares tasks and descriptors with those at an earlier time."""

    def __init__(self) -> None:
        self.tasks = asyncio.all_tasks()
        self.descriptors = descriptors()

    async def see_none(self) -> None:
        """Wait until as much is there as before; a test that waits in vain fails."""
        while asyncio.all_tasks() != self.tasks or descriptors() > self.descriptors:
            await asyncio.sleep(0)


@pytest.fixture
def leftovers() -> type[Leftovers]:
    return Leftovers


@contextmanager
def no_complaints() -> Iterator[None]:
    """Nothing may be logged at WARNING or above while the body runs, and when it is freed."""
    with Recorder(None, logging.WARNING) as messages:
        yield
        gc.collect()  # tasks and futures whose exceptions nobody took complain when they go
    assert messages == []


@pytest.fixture
def quiet() -> Iterator[None]:
    """Nothing may be logged at WARNING or above."""
    with no_complaints():
        yield


@pytest.fixture(params=["asyncio", "uvloop"])
def run(request: pytest.FixtureRequest) -> Iterator[Run[Any]]:
    """Run a coroutine on one of the event loops."""
    loop: asyncio.AbstractEventLoop
    if request.param == "uvloop":
        loop = pytest.importorskip("uvloop", reason="not on this system").new_event_loop()
    else:
        loop = asyncio.new_event_loop()

    def run(main: Coroutine[Any, Any, T]) -> T:
        return loop.run_until_complete(asyncio.wait_for(main, PATIENCE))

    yield run
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
