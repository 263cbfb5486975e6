"""An awaitable that lets the waiting task go on at once.

Completing an ``asyncio.Future`` schedules the task for the next turn of the event loop.
For a reader that waits for a message this is a turn, and a trip through the selector,
too many; and what follows the message in the same bytes (a close, a failure) would take
effect before the handler had its say. So a :class:`Waiter` steps the task inside the call
that brings the message, as the loop would: in the task's own context, and only where no
other task is running. Otherwise, and for cancellation, it takes the loop's way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Generator
from contextvars import Context
from typing import Any, Callable

__all__ = ["Waiter"]


class Waiter:
    """Waited for by at most one task at a time, any number of times in a row.

    To a task it looks like a future (the same few attributes and methods that tasks use),
    so cancelling, ``wait_for`` and debug mode work as they do with futures.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_callback",
        "_cancelled",
        "_context",
        "_loop",
        "taken",
    )

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._asyncio_future_blocking = False
        self._callback: Callable[[Any], object] | None = None
        self._context: Context | None = None
        self._cancelled: tuple[Any, ...] | None = None
        #: Whether a task is waiting, or was woken and has not gone on yet.
        self.taken = False

    def __await__(self) -> Generator[Waiter, None, None]:
        self._cancelled = None
        self._asyncio_future_blocking = self.taken = True
        try:
            yield self
        finally:
            self.taken = False

    def wake(self) -> None:
        """Let the task go on, if one is waiting: at once, unless a task is running."""
        callback = self._callback
        if callback is None:
            return
        self._callback = None
        context, self._context = self._context, None
        if asyncio.current_task(self._loop) is not None:
            self._loop.call_soon(callback, self, context=context)
        elif context is None:
            callback(self)
        else:
            try:
                context.run(callback, self)
            except RuntimeError:  # what called this runs in the same context; no step was made
                self._loop.call_soon(callback, self, context=context)
            except (KeyboardInterrupt, SystemExit) as exc:
                # What a protocol raises is a fault of its transport to some event loops;
                # what a callback raises ends the program.
                self._loop.call_soon(throw, exc)
            finally:
                # An exception that ends the task refers to this frame, as one of its callers.
                del callback

    # What a task asks of a future

    def get_loop(self) -> asyncio.AbstractEventLoop:
        return self._loop

    def add_done_callback(
        self, callback: Callable[[Any], object], *, context: Context | None = None
    ) -> None:
        self._callback = callback
        self._context = context

    def cancel(self, *args: Any, **kwargs: Any) -> bool:
        callback = self._callback
        if callback is None:
            return False
        self._callback = None
        context, self._context = self._context, None
        self._cancelled = args or tuple(kwargs.values())
        self._loop.call_soon(callback, self, context=context)
        return True

    def result(self) -> None:
        if self._cancelled is not None:
            raise asyncio.CancelledError(*(arg for arg in self._cancelled if arg is not None))


def throw(exc: BaseException) -> None:
    raise exc
