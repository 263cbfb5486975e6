"""One time limit over several steps."""

from __future__ import annotations

import asyncio
from types import TracebackType

__all__ = ["Deadline"]


class Deadline:
    """An asynchronous context manager that cancels its body after so many seconds.

    Leaving it then raises ``asyncio.TimeoutError``. ``asyncio.timeout`` does this from
    Python 3.11 on, and ``asyncio.wait_for`` runs its body in a task of its own before
    3.12, which costs and may drop a result when it is cancelled at the wrong time.
    """

    def __init__(self, seconds: float | None, what: str) -> None:
        self._seconds = seconds
        self._what = what
        self._expired = False
        self._timer: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> None:
        if self._seconds is None:
            return
        task = asyncio.current_task()
        assert task is not None
        self._task: asyncio.Task[object] = task
        # From 3.11 on a task counts the requests to cancel it; ours is taken back below.
        self._requests = task.cancelling() if hasattr(task, "cancelling") else 0
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._expire)

    def _expire(self) -> None:
        self._expired = True
        self._task.cancel()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self._expired:
            return
        others = 0
        if hasattr(self._task, "uncancel"):
            others = self._task.uncancel() - self._requests
        if exc_type is not None and issubclass(exc_type, asyncio.CancelledError) and not others:
            raise asyncio.TimeoutError(f"{self._what} took more than {self._seconds} s") from exc
