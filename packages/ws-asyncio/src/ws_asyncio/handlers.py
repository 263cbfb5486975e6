"""Handlers of connections: what ``serve()`` takes, how it is called, and what it raises."""

from __future__ import annotations

import asyncio
import functools
import inspect
import types
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any, Callable, TypeVar, Union, cast

from ws_frames import ConnectionClosed

if TYPE_CHECKING:
    from .server_protocol import WebSocketServerProtocol

__all__ = [
    "ConnectionT",
    "Handler",
    "Handler1",
    "Handler2",
    "adapt_handler",
    "is_cancelled",
    "tells_of_the_end",
]

#: The connection that a handler takes: of the class that ``create_protocol`` makes.
ConnectionT = TypeVar("ConnectionT", bound="WebSocketServerProtocol")

Handler1 = Callable[[ConnectionT], Awaitable[Any]]
Handler2 = Callable[[ConnectionT, str], Awaitable[Any]]
Handler = Union[Handler1[ConnectionT], Handler2[ConnectionT]]


def adapt_handler(ws_handler: Handler[ConnectionT]) -> Handler2[ConnectionT]:
    """Give a handler of two arguments for one that takes the connection alone.

    Raises TypeError for what can't be called with one or two.
    """
    check_handler(ws_handler)
    try:
        signature = inspect.signature(judged(ws_handler), follow_wrapped=False)
    except (TypeError, ValueError):  # a callable without a signature
        return cast(Handler2[ConnectionT], ws_handler)
    if not (takes(signature, 1) or takes(signature, 2)):
        raise TypeError(
            "ws_handler has to take the connection, or the connection and the path; "
            f"it takes {signature}"
        )
    parameters = signature.parameters.values()
    positional = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(positional) == 1 and not any(p.kind is p.VAR_POSITIONAL for p in parameters):
        handler1 = cast(Handler1[ConnectionT], ws_handler)
        return lambda websocket, path: handler1(websocket)
    return cast(Handler2[ConnectionT], ws_handler)


def check_handler(ws_handler: object) -> None:
    """Raise TypeError for what is no coroutine function, where that can be seen."""
    if inspect.iscoroutine(ws_handler):
        ws_handler.close()  # nobody else will await it
        raise TypeError(
            f"ws_handler is a coroutine; pass the function: {ws_handler.__name__}, "
            f"not {ws_handler.__name__}()"
        )
    if not callable(ws_handler):
        raise TypeError(f"ws_handler has to be a coroutine function, not {ws_handler!r:.80}")
    if inspect.isasyncgenfunction(ws_handler):
        raise TypeError(
            "ws_handler is a generator, since there is a yield in it; send what it yields"
        )


def judged(function: Any) -> Any:
    """Give what shows the arguments of a function.

    That is itself, whatever it wraps: a decorator may give what it wraps other arguments.
    But if it takes any number of them, it is what it wraps that knows how many are right.
    """
    if isinstance(function, functools.partial):
        return functools.partial(judged(function.func), *function.args, **function.keywords)
    if inspect.ismethod(function):
        return types.MethodType(judged(function.__func__), function.__self__)
    wrapped = getattr(function, "__wrapped__", None)
    if wrapped is None:
        return function
    parameters = inspect.signature(function, follow_wrapped=False).parameters.values()
    return judged(wrapped) if any(p.kind is p.VAR_POSITIONAL for p in parameters) else function


def takes(signature: inspect.Signature, number: int) -> bool:
    """Tell whether a function can be called with that many arguments."""
    try:
        signature.bind(*(None,) * number)
    except TypeError:
        return False
    return True


def is_cancelled(exc: BaseException) -> bool:
    """Tell whether it is the current task that is cancelled, and not what it waits for.

    Before Python 3.11 a task doesn't know, and each CancelledError is taken for its own.
    """
    if not isinstance(exc, asyncio.CancelledError):
        return False
    cancelling = getattr(asyncio.current_task(), "cancelling", None)
    return cancelling is None or cancelling() > 0


def tells_of_the_end(exc: BaseException) -> bool:
    """Tell whether it is what a handler ends with when its connection has ended.

    That is a ConnectionClosed; a CancelledError, where the handler has what it waits for
    cancelled then; or a group of such, as a TaskGroup raises.
    """
    if isinstance(exc, (ConnectionClosed, asyncio.CancelledError)):
        return True
    # Python has groups from 3.11 on; before, there is a package that has.
    group = getattr(exc, "exceptions", None)
    return isinstance(group, tuple) and group != () and all(map(tells_of_the_end, group))
