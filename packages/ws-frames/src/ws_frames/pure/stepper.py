"""What goes on with a coroutine where its task needn't be asked: the specification of the C twin.

A task that goes on has to ask the future it waited for for its result, make a step through
each coroutine down to the one that waits, and ask the next future for its event loop and to
be called. Where that is the same :class:`~ws_frames.Waiter` again, as between two messages,
all of it is for nothing. So what a :class:`Stepper` awaits is stepped by the waiter: as the
current task, in its context, just without what surrounds the step. Only what the task has to
know about, that the coroutine waits for something else, returns or raises, is left for it;
and it makes its own step for that, inside the same call.
"""

from __future__ import annotations

from collections.abc import Coroutine
from types import FrameType
from typing import Any, Callable

from .waiter import Waiter

__all__ = ["Stepper"]


class Stepper:
    """Awaits a coroutine in a task, and lets waiters go on with it without the task.

    To be awaited once, in ``task``. ``enter_task`` and ``leave_task`` are those that asyncio
    has for whoever makes the steps of a task: each takes the event loop and the task.
    """

    __slots__ = ("_coroutine", "_enter_task", "_leave_task", "_left", "_task")

    def __init__(
        self,
        coroutine: Coroutine[Any, Any, Any],
        task: Any,
        enter_task: Callable[[Any, Any], object],
        leave_task: Callable[[Any, Any], object],
    ) -> None:
        self._coroutine: Coroutine[Any, Any, Any] | None = coroutine
        self._task = task
        self._enter_task = enter_task
        self._leave_task = leave_task
        # What the coroutine did in a step that the task hasn't made: it waits for something,
        # or ended with an exception, StopIteration among them.
        self._left: tuple[object, BaseException | None] | None = None

    # Steps without the task

    def step(self, waiter: Waiter) -> bool:
        """Go on, as the task does; tell whether the coroutine waits for the waiter again.

        Raises RuntimeError, before anything is done, if a task is running.
        """
        coroutine, task = self._coroutine, self._task
        if coroutine is None or self._left is not None:
            return False  # somebody else has ended it, or has it do something else
        loop = waiter.get_loop()
        self._enter_task(loop, task)
        try:
            blocker = coroutine.send(None)
        except BaseException as exc:  # noqa: BLE001 - it is for the task
            self._left = (None, exc)
            return False
        finally:
            self._leave_task(loop, task)
            del coroutine, task  # an exception refers to this frame, as one of its callers
        if blocker is waiter and waiter._asyncio_future_blocking:
            return True
        self._left = (blocker, None)
        return False

    # Steps of the task

    def __await__(self) -> Stepper:
        return self

    def __iter__(self) -> Stepper:
        return self

    def __next__(self) -> object:
        return self.send(None)

    def send(self, value: Any) -> object:
        """Go on with the coroutine, or give what it did already."""
        if self._left is not None:
            return self._give_left()
        return self._go_on(self._require_coroutine().send, value)

    def throw(self, *args: Any) -> object:
        """Throw into the coroutine."""
        coroutine = self._require_coroutine()
        try:
            if self._left is None:
                return self._go_on(coroutine.throw, *args)
            self._cancel_again(*args)
            return self._give_left()
        finally:
            del args  # the exception refers to this frame

    def close(self) -> None:
        """Close the coroutine."""
        coroutine = self._coroutine
        self._finish()
        if coroutine is not None:
            coroutine.close()

    def _require_coroutine(self) -> Coroutine[Any, Any, Any]:
        if self._coroutine is None:
            raise RuntimeError("cannot reuse already awaited coroutine")
        return self._coroutine

    def _go_on(self, do: Callable[..., object], *args: Any) -> object:
        try:
            return self._give(do(*args))
        except BaseException:
            self._finish()
            raise
        finally:
            del args

    def _give_left(self) -> object:
        assert self._left is not None
        blocker, exc = self._left
        self._left = None
        if exc is None:
            return self._give(blocker)
        self._finish()
        try:
            raise exc
        finally:
            del exc  # it refers to this frame

    def _give(self, blocker: object) -> object:
        if type(blocker) is Waiter:
            blocker._stepper = self
        return blocker

    def _cancel_again(self, exc: Any, value: Any = None, traceback: Any = None) -> None:
        # The task was cancelled in the middle of a step that it knows nothing of, so it throws
        # where it should cancel what the coroutine waits for now, or has the next wait
        # cancelled. It does so if it is told once more; which doesn't count as another request.
        exc = exc if value is None else value
        self._task.cancel(*(exc.args if isinstance(exc, BaseException) else ()))
        if hasattr(self._task, "uncancel"):
            self._task.uncancel()

    def _finish(self) -> None:
        self._coroutine = None
        self._task = None
        self._left = None

    # For those who look at what a task is waiting for

    @property
    def cr_await(self) -> object:
        """What the coroutine waits for."""
        return getattr(self._coroutine, "cr_await", None)

    @property
    def cr_frame(self) -> FrameType | None:
        """The frame of the coroutine."""
        return getattr(self._coroutine, "cr_frame", None)
