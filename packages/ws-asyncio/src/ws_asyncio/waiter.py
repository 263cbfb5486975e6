"""A future that lets the waiting task go on at once.

Completing an ``asyncio.Future`` schedules the task for the next turn of the event loop.
For a task that waits for a message this is a turn, and a trip through the selector, too
many; and what follows the message in the same bytes (a close, a failure) would take
effect before the handler had its say. So a :class:`Waiter` steps the task inside the call
that brings the message, as the loop would: in the task's own context, and only where no
other task is running. Otherwise, and for cancellation, it takes the loop's way.
"""

from __future__ import annotations

import asyncio
from typing import Any

__all__ = ["Waiter"]


class Waiter:
    """Waited for by at most one task at a time, any number of times in a row."""

    __slots__ = ("_create_future", "_future", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._create_future = loop.create_future
        self._future: asyncio.Future[None] | None = None

    def start(self) -> asyncio.Future[None]:
        """Give the future that a coroutine has to yield to its task, which waits for it."""
        self._future = future = self._create_future()
        future._asyncio_future_blocking = True  # as awaiting it does
        return future

    def wake(self) -> None:
        """Let the task go on, if one is waiting: at once, unless a task is running."""
        future, self._future = self._future, None
        if future is None or future.done():  # it is done where the task was cancelled
            return
        callbacks: Any = future._callbacks
        if not callbacks or asyncio.current_task(self._loop) is not None:
            future.set_result(None)
            return
        # What set_result() would have the loop do in its next turn, done now.
        callback, context = callbacks.pop()
        future.remove_done_callback(callback)
        future.set_result(None)
        try:
            context.run(callback, future)
        except RuntimeError:  # what called this runs in the same context; no step was made
            self._loop.call_soon(callback, future, context=context)
        except (KeyboardInterrupt, SystemExit) as exc:
            # What a protocol raises is a fault of its transport to some event loops;
            # what a callback raises ends the program.
            self._loop.call_soon(throw, exc)
        finally:
            # An exception that ends the task refers to this frame, as one of its callers.
            del callback, future


def throw(exc: BaseException) -> None:
    raise exc
