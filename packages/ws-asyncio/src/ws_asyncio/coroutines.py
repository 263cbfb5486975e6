"""Functions that return a coroutine which something else has made."""

from __future__ import annotations

import asyncio.coroutines
import inspect
from typing import Any, Callable, TypeVar

__all__ = ["coroutine_function"]

F = TypeVar("F", bound=Callable[..., Any])

# What asyncio.iscoroutinefunction() looks for, and since Python 3.12 inspect's does, too.
MARK: Any = getattr(asyncio.coroutines, "_is_coroutine", None)


def coroutine_function(function: F) -> F:
    """Have a function taken for one that is defined with ``async def``.

    Before Python 3.12 ``inspect.iscoroutinefunction()`` can't be told, only asyncio's.
    """
    mark: Any = getattr(inspect, "markcoroutinefunction", None)
    if mark is not None:
        mark(function)
    else:
        function._is_coroutine = MARK  # type: ignore[attr-defined]
    return function
