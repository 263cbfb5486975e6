"""One time limit over several steps."""

from __future__ import annotations

import asyncio
from types import TracebackType

from .timers import SharedTimer

__all__ = ["Deadline"]


class Deadline:
    """A context manager, in a coroutine, that cancels its body after so many seconds.

    They count from ``since``, a time of the event loop, or else from entering it; then it may
    be on a timer that is ``shared``, and some hundredths of a second early. Leaving it when
    they have passed raises ``asyncio.TimeoutError``.

    ``asyncio.timeout`` does this from Python 3.11 on, and ``asyncio.wait_for`` runs its body
    in a task of its own before 3.12, which costs and may drop a result when it is cancelled at
    the wrong time.
    """

    __slots__ = (
        "_requests",
        "_seconds",
        "_shared",
        "_since",
        "_task",
        "_timer",
        "_what",
        "expired",
    )

    def __init__(
        self,
        seconds: float | None,
        what: str,
        *,
        since: float | None = None,
        shared: bool = False,
    ) -> None:
        self._seconds = seconds
        self._what = what
        self._since = since
        self._shared = shared and since is None
        #: Whether the time has passed.
        self.expired = False
        self._timer: asyncio.TimerHandle | SharedTimer | None = None
        self._task: asyncio.Task[object] | None = None
        self._requests = 0

    def __enter__(self) -> None:
        if self._seconds is None:
            return
        self._task = task = asyncio.current_task()
        assert task is not None
        # From 3.11 on a task counts the requests to cancel it; ours is taken back below.
        self._requests = task.cancelling() if hasattr(task, "cancelling") else 0
        loop = asyncio.get_running_loop()
        if self._shared:
            self._timer = SharedTimer.of(loop, self._seconds)
            self._timer.add(self._expire)
        else:
            since = loop.time() if self._since is None else self._since
            self._timer = loop.call_at(since + self._seconds, self._expire)

    def _expire(self) -> None:
        assert self._task is not None
        self.expired = True
        self._task.cancel()

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        timer, self._timer = self._timer, None
        if isinstance(timer, SharedTimer):
            timer.cancel(self._expire)
        elif timer is not None:
            timer.cancel()
        others = self._leave()
        if not self.expired or others:
            return
        if exc_type is not None and issubclass(exc_type, asyncio.CancelledError):
            raise asyncio.TimeoutError(f"{self._what} took more than {self._seconds} s") from exc

    def _leave(self) -> int:
        """Take back our request to cancel the task; tell how many others there are."""
        # The task may end with an exception that refers to this object.
        task, self._task = self._task, None
        if task is not None and self.expired and hasattr(task, "uncancel"):
            return task.uncancel() - self._requests
        return 0
