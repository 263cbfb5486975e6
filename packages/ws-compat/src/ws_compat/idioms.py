"""What programs for old releases do with asyncio, and Python takes no more.

They make coroutines of generators, begin with ``asyncio.get_event_loop()`` and give coroutines
to ``asyncio.wait()``: the documentation of those releases did. Each works again where Python
would raise, with the warning that Python gave before it did. All else is as Python has it.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
import sys
import threading
import types
from collections.abc import Generator, Iterable
from typing import Any, Callable

from .deprecation import warn_caller

__all__ = ["restore_idioms"]


def restore_idioms() -> None:
    """Let asyncio take again what it took; whoever imports ``websockets`` has this done."""
    names = vars(asyncio)
    names.setdefault("coroutine", coroutine)
    if sys.version_info >= (3, 11):
        names["wait"] = taking_coroutines(names["wait"])
    if sys.version_info >= (3, 14):
        names["get_event_loop"] = making_event_loops(names["get_event_loop"])
        # For asyncio itself, which asks for it in ensure_future(), say.
        vars(asyncio.events)["get_event_loop"] = names["get_event_loop"]


def coroutine(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make a coroutine function of a generator function, or of any other.

    Python had it until 3.10.
    """
    warn_caller('"@coroutine" decorator is deprecated since Python 3.8, use "async def" instead')
    if inspect.iscoroutinefunction(function):
        return function
    if inspect.isgeneratorfunction(function):
        made: Callable[..., Any] = types.coroutine(function)
        return made

    @types.coroutine
    @functools.wraps(function)
    def generator(*args: Any, **kwargs: Any) -> Generator[Any, Any, Any]:
        result = function(*args, **kwargs)
        if inspect.isawaitable(result):
            result = yield from result_of(result).__await__()
        elif inspect.isgenerator(result):
            result = yield from result
        return result

    return generator


async def result_of(awaitable: Any) -> Any:
    return await awaitable


def taking_coroutines(wait: Callable[..., Any]) -> Callable[..., Any]:
    """Give an ``asyncio.wait()`` that makes tasks of coroutines.

    Python's did until 3.10.
    """

    @functools.wraps(wait)
    async def wait_for_all(fs: Any, **options: Any) -> Any:
        if isinstance(fs, Iterable) and not asyncio.isfuture(fs) and not asyncio.iscoroutine(fs):
            fs = list(fs)
            if not all(map(asyncio.isfuture, fs)):
                warn_caller(
                    "The explicit passing of coroutine objects to asyncio.wait() is deprecated "
                    "since Python 3.8, and scheduled for removal in Python 3.11."
                )
                fs = [asyncio.ensure_future(each) for each in fs]
        return await wait(fs, **options)

    return wait_for_all


def making_event_loops(get_event_loop: Callable[[], Any]) -> Callable[[], Any]:
    """Give an ``asyncio.get_event_loop()`` that makes the event loop of the main thread.

    Python's did until 3.13.
    """

    @functools.wraps(get_event_loop)
    def get_or_make() -> Any:
        try:
            return get_event_loop()
        except RuntimeError:
            if threading.current_thread() is not threading.main_thread():
                raise
        warn_caller("There is no current event loop")
        loop = asyncio.new_event_loop()
        asyncio.set_event_loop(loop)
        return loop

    return get_or_make
