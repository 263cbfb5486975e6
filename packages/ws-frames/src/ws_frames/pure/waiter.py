"""What a coroutine waits for: the specification of the C twin.

Completing an ``asyncio.Future`` schedules the task for the next turn of the event loop.
For a task that waits for a message this is a turn, and a trip through the selector, too
many; and what follows the message in the same bytes (a close, a failure) would take
effect before the handler had its say. So a :class:`Waiter` steps the task inside the call
that brings the message, as the loop would: in the task's own context, and only where no
other task is running. Otherwise, and for cancellation, it takes the loop's way.
"""

from __future__ import annotations

import contextvars
from typing import Any, Callable, Protocol

__all__ = ["Loop", "Step", "Waiter"]


class Loop(Protocol):
    """The event loop of a task, as far as it is needed here."""

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: contextvars.Context = ...
    ) -> object:
        """Call a function in the next turn, in a context."""


class Step(Protocol):
    """What a task awaits a waiter through, as far as it is needed here: a Stepper."""

    def step(self, waiter: Waiter) -> bool:
        """Go on without the task; tell whether that waits for the waiter again."""


class Waiter:
    """A future, to a task, that lets it go on at once; any number of times in a row.

    At most one task waits for it at a time. ``current_task`` gives the task that an event
    loop is running, or None.
    """

    __slots__ = (
        "_asyncio_future_blocking",
        "_callback",
        "_cancelled",
        "_context",
        "_current_task",
        "_loop",
        "_ran",
        "_stepper",
        "_woken",
    )

    def __init__(self, loop: Loop, current_task: Callable[[Any], object]) -> None:
        self._loop = loop
        self._current_task = current_task
        self._callback: Callable[[Waiter], object] | None = None
        self._context: contextvars.Context | None = None
        self._woken = False
        self._ran = False  # whether a callback was called
        self._cancelled = False  # whether that was asked for in the middle of a step
        self._asyncio_future_blocking = False
        self._stepper: Step | None = None  # what the task awaits it through

    def start(self) -> Waiter:
        """Give what a coroutine has to yield to its task."""
        self._woken = False
        self._asyncio_future_blocking = True  # as awaiting a future does
        self._stepper = None
        return self

    def wake(self) -> None:
        """Let the task go on, if one is waiting: at once, unless a task is running."""
        if self._callback is None:
            self._woken = True
            return
        if self._stepper is not None:
            self._step_without_task(self._stepper)
            return
        callback = self._callback
        free = self._current_task(self._loop) is None
        if self._callback is not callback:  # it was woken in between
            return
        del callback  # for the same reason as in _step()
        if free:
            self._step()
        else:
            self._wake_later()

    def _take(self) -> tuple[Callable[[Waiter], object], contextvars.Context]:
        callback, self._callback = self._callback, None
        context, self._context = self._context, None
        self._stepper = None
        assert callback is not None
        assert context is not None
        return callback, context

    def _step_without_task(self, stepper: Step) -> None:
        callback, context = self._take()
        self._cancelled = False
        try:
            waits = context.run(stepper.step, self)
        except RuntimeError:  # a task is running, or what called this runs in the same context
            self._call_later(callback, context)
        except BaseException:
            self._put_back(callback, context)
            raise
        else:
            if waits:
                self._wait_again(callback, context, stepper)
            else:
                self._run(callback, context)
        finally:
            del callback, stepper  # as in _run()

    def _wait_again(
        self, callback: Callable[[Waiter], object], context: contextvars.Context, stepper: Step
    ) -> None:
        # As the task would find it, and leave it.
        self._asyncio_future_blocking = False
        self._callback, self._context, self._stepper = callback, context, stepper
        if self._woken or self._cancelled:
            self._wake_later()

    def _step(self) -> None:
        self._run(*self._take())

    def _run(self, callback: Callable[[Waiter], object], context: contextvars.Context) -> None:
        self._ran = False
        try:
            context.run(self._call, callback)
        except RuntimeError:
            if self._ran:
                raise
            # What called this runs in the same context.
            self._call_later(callback, context)
        except (KeyboardInterrupt, SystemExit) as exc:
            # What a protocol raises is a fault of its transport to some event loops;
            # what a callback raises ends the program.
            self._loop.call_soon(raise_error, exc)
        finally:
            # An exception that ends the task refers to this frame, as one of its callers.
            del callback

    def _call(self, callback: Callable[[Waiter], object]) -> None:
        self._ran = True
        try:
            callback(self)
        finally:
            del callback  # as in _run()

    def _wake_later(self) -> None:
        # It doesn't wait while that is asked, since whatever is called then may wake it again,
        # or have it wait anew.
        self._call_later(*self._take())

    def _call_later(
        self, callback: Callable[[Waiter], object], context: contextvars.Context
    ) -> None:
        try:
            self._loop.call_soon(callback, self, context=context)
        except BaseException:
            self._put_back(callback, context)
            raise

    def _put_back(self, callback: Callable[[Waiter], object], context: contextvars.Context) -> None:
        if self._callback is None:  # nobody waits meanwhile
            self._callback, self._context = callback, context

    # What a task calls

    def get_loop(self) -> Any:
        """The event loop of the task."""
        return self._loop

    def result(self) -> None:
        """Nothing: there is something to look for."""

    def add_done_callback(
        self,
        callback: Callable[[Waiter], object],
        /,
        *,
        context: contextvars.Context | None = None,
    ) -> None:
        """Note what makes the step of the task."""
        if self._callback is not None:
            raise RuntimeError("another task is waiting already")
        self._callback = callback
        self._context = contextvars.copy_context() if context is None else context
        if self._woken:
            self._wake_later()

    def cancel(self, msg: object = None) -> bool:
        """Let the task go on, and leave it to the task to be cancelled."""
        self._cancelled = True
        if self._callback is not None:
            self._wake_later()
        return False


def raise_error(error: BaseException) -> None:
    raise error
