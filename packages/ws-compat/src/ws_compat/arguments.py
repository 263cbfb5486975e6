"""Arguments that have another name today, or that mean something else.

Each function takes the keyword arguments of a call, changes what is old in them, and
warns of it.
"""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Awaitable, Iterator
from typing import Any, Callable, TypeVar

from .deprecation import warn_deprecated
from .extra_headers import modernize_extra_headers
from .legacy_recv import with_legacy_recv

__all__ = [
    "as_coroutine_function",
    "check_loop",
    "is_plain_function",
    "modernize",
    "modernize_headers",
    "modernize_origins",
    "modernize_queue",
    "rename",
    "signed_as",
    "take_legacy_recv",
    "take_loop",
]

Arguments = dict[str, Any]

Function = TypeVar("Function", bound=Callable[..., Any])


def modernize(arguments: Arguments, protocol: type[Any]) -> asyncio.AbstractEventLoop | None:
    """Change what is old in the arguments that both sides take; return the event loop, if any.

    ``protocol`` is what ``create_protocol`` is where nothing is given.
    """
    rename(arguments, "timeout", "close_timeout")
    rename(arguments, "klass", "create_protocol")
    modernize_queue(arguments)
    loop = take_loop(arguments)
    create = arguments.pop("create_protocol", None) or protocol
    if take_legacy_recv(arguments):
        create = with_legacy_recv(create)
    arguments["create_protocol"] = create
    return loop


def rename(arguments: Arguments, old: str, new: str) -> None:
    """Move an argument to its new name, unless that is given too."""
    value = arguments.pop(old, None)
    if value is not None:
        warn_deprecated(f"the argument {old}")
        arguments.setdefault(new, value)


def take_legacy_recv(arguments: Arguments) -> bool:
    """Take out whether recv() is to return None on a closed connection."""
    legacy_recv = bool(arguments.pop("legacy_recv", False))
    if legacy_recv:
        warn_deprecated("legacy_recv")
    return legacy_recv


def take_loop(arguments: Arguments) -> asyncio.AbstractEventLoop | None:
    """Take out the event loop: since it has to be the running one, nobody needs to say which."""
    loop: asyncio.AbstractEventLoop | None = arguments.pop("loop", None)
    if loop is not None:
        warn_deprecated("the argument loop")
    return loop


def check_loop(loop: asyncio.AbstractEventLoop | None) -> None:
    """Raise RuntimeError if another event loop was given than the running one."""
    if loop is not None and loop is not asyncio.get_running_loop():
        raise RuntimeError("the argument loop is another event loop than the running one")


def modernize_queue(arguments: Arguments) -> None:
    """Take 0 as no limit of the queue, as before 8.0."""
    if arguments.get("max_queue") == 0:
        warn_deprecated("max_queue=0")
        arguments["max_queue"] = None


def modernize_headers(arguments: Arguments) -> None:
    """Take any value of a header, and leave out headers that the handshake makes by itself."""
    if arguments.get("extra_headers") is not None:
        arguments["extra_headers"] = modernize_extra_headers(arguments["extra_headers"])


def modernize_origins(arguments: Arguments) -> None:
    """Take an empty origin as the lack of one, as before 7.0."""
    origins = arguments.get("origins")
    # A string, which serve() refuses, has the empty one in it.
    if origins is not None and not isinstance(origins, str) and "" in origins:
        warn_deprecated('"" in origins')
        arguments["origins"] = [None if origin == "" else origin for origin in origins]


def is_plain_function(function: object) -> bool:
    """Whether it is a function, and calling it gives no awaitable for all that can be seen."""
    *_, innermost = layers = [None, *layers_of(function)]
    return inspect.isroutine(innermost) and not any(
        inspect.iscoroutinefunction(layer) or inspect.isgeneratorfunction(layer)  # @types.coroutine
        for layer in layers
    )


def layers_of(function: object) -> Iterator[object]:
    """Give a function, what it wraps, what that wraps, and so on."""
    while function is not None:
        yield function
        is_partial = isinstance(function, functools.partial)
        function = getattr(function, "func" if is_partial else "__wrapped__", None)


def as_coroutine_function(function: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Make a coroutine function of one that may be none."""

    async def call(*args: Any) -> Any:
        result = function(*args)
        return await result if inspect.isawaitable(result) else result

    return call


def signed_as(function: Callable[..., Any]) -> Callable[[Function], Function]:
    """Let a function that takes old arguments too show the signature without them."""

    def sign(wrapper: Function) -> Function:
        functools.update_wrapper(wrapper, function, assigned=["__doc__"], updated=[])
        return wrapper

    return sign
