"""Calls that block, beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from functools import partial
from typing import Callable, TypeVar

__all__ = ["in_thread"]

T = TypeVar("T")


def in_thread(function: Callable[[], T]) -> asyncio.Future[T]:
    """Call what blocks in a thread that doesn't keep the program from ending.

    The threads of ``loop.run_in_executor()`` do: they are waited for, and nobody can
    end a call that reads from a terminal. Cancelling the future leaves it alone.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def finish(set_outcome: Callable[[], None]) -> None:
        if not future.done():
            set_outcome()

    def call() -> None:
        outcome: Callable[[], None]
        try:
            outcome = partial(future.set_result, function())
        except Exception as exc:  # noqa: BLE001 - whoever waits is to get it
            outcome = partial(future.set_exception, exc)
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(finish, outcome)

    threading.Thread(target=call, daemon=True).start()
    return future
