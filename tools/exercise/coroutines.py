"""What is done to the coroutines of the C."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from ws_frames import ConnectionClosedOK

from .case import EXPECTED, refused

THROWN: list[tuple[Any, ...]] = [
    (KeyError,), (KeyError("key"),), (StopIteration(1),), (ConnectionClosedOK(1000, ""),), (5,), (),
    (KeyError, "key", None), (KeyError, None, 5), (KeyError(), 5),
]  # fmt: skip


def step(coroutine: Any, times: int = 3) -> None:
    """Step a coroutine until it ends, or so many times, and close it."""
    with suppress(*EXPECTED):
        for _ in range(times):
            coroutine.send(None)
    coroutine.close()


def throw(coroutine: Any, arguments: Sequence[object], *, times: int) -> None:
    """Throw something into a coroutine that was stepped so many times."""
    for _ in range(times):
        coroutine.send(None)
    refused(coroutine.throw, *arguments)
    step(coroutine)
    for error in arguments:
        if isinstance(error, BaseException):
            error.__traceback__ = None
