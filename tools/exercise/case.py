"""What is exercised: one use of the C, or some that belong together."""

from __future__ import annotations

import contextvars
import sys
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Callable

from ws_frames import ConnectionClosed

try:
    from ws_frames import _speedups
except ImportError:
    sys.exit("the C speedups are not built: there is nothing to exercise")

# Without its types: most of what is tried here doesn't fit.
speedups: Any = _speedups

Case = Callable[[], object]
Exercise = Callable[[], Iterator[Case]]

#: All of them, once the modules that have some are imported.
EXERCISES: list[Exercise] = []


def exercise(function: Exercise) -> Exercise:
    EXERCISES.append(function)
    return function


# An object that is neither true nor false. Where memory is short, Python itself gets into
# trouble with functions, so that there is none here, and none that the C would call.
NO_TRUTH = memoryview(b"")
NO_TRUTH.release()

# Python crashes where there is no memory for an empty context: so there is this one, and the
# thread has its own.
CONTEXT = contextvars.Context()
contextvars.copy_context()


EXPECTED: tuple[type[BaseException], ...] = (
    StopIteration, StopAsyncIteration, RuntimeError, ConnectionClosed, IndexError, AttributeError,
    TypeError, KeyError, ValueError, BufferError,
)  # fmt: skip


def refused(function: Callable[..., object], *arguments: Any, **options: Any) -> None:
    with suppress(*EXPECTED):
        function(*arguments, **options)
