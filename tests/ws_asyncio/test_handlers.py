"""Handlers: what may be one, what it gets, and what its end does to the connection."""

from __future__ import annotations

import functools
import inspect
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import pytest

from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_asyncio.handlers import adapt_handler
from ws_frames import ConnectionClosed, ConnectionClosedOK


async def test_a_handler_gets_connection_and_path() -> None:
    async def handler(ws: WebSocketServerProtocol, path: str) -> None:
        await ws.send(path)

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server) + "/a?b") as ws:
        assert await ws.recv() == "/a?b"


async def test_a_handler_may_take_the_connection_alone() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"


def adding(function: Any) -> Any:
    """Let a handler of three arguments have its third from here."""

    @functools.wraps(function)
    async def wrapper(ws: Any, path: str) -> None:
        await function(ws, path, 1)

    return wrapper


def dropping(function: Any) -> Any:
    """Let a handler that takes the path go without it."""

    @functools.wraps(function)
    async def wrapper(ws: Any) -> None:
        await function(ws, "/")

    return wrapper


def passing(function: Any) -> Any:
    """Let a handler have what it takes."""

    @functools.wraps(function)
    async def wrapper(*args: Any, **kwargs: Any) -> None:
        await function(*args, **kwargs)

    return wrapper


class Handlers:
    async def one(self, ws: Any) -> None: ...

    async def two(self, ws: Any, path: str) -> None: ...

    async def default(self, ws: Any, path: str = "") -> None: ...

    async def many(self, *args: Any) -> None: ...

    async def keyword(self, ws: Any, *, option: int = 1) -> None: ...

    async def three(self, ws: Any, path: str, extra: int) -> None: ...

    @passing
    async def passed_one(self, ws: Any) -> None: ...

    @passing
    async def passed_two(self, ws: Any, path: str) -> None: ...


@pytest.mark.parametrize(
    ("handler", "takes_path"),
    [
        (Handlers().one, False),
        (Handlers().two, True),
        (Handlers().default, True),
        (Handlers().many, True),
        (Handlers().keyword, False),
        (functools.partial(Handlers().three, extra=1), True),
        (functools.partial(Handlers.one, Handlers()), False),
        (adding(Handlers().three), True),
        (dropping(Handlers().two), False),
        (passing(Handlers().one), False),
        (passing(Handlers().two), True),
        (passing(adding(Handlers().three)), True),
        (passing(dropping(Handlers().two)), False),
        (functools.partial(passing(Handlers.one), Handlers()), False),
        (Handlers().passed_one, False),
        (Handlers().passed_two, True),
    ],
)
def test_the_signature_decides_what_a_handler_gets(handler: Any, takes_path: bool) -> None:
    assert (adapt_handler(handler) is handler) is takes_path


def test_a_handler_without_a_signature_gets_connection_and_path() -> None:
    class Opaque:
        __signature__ = "unknown"

        async def __call__(self, ws: Any, path: str) -> None: ...

    handler = Opaque()
    assert adapt_handler(handler) is handler


async def yielding(ws: Any) -> AsyncIterator[str]:
    yield "Hello"


async def nothing() -> None: ...


async def only_by_name(*, ws: Any) -> None: ...


@pytest.mark.parametrize(
    ("handler", "words"),
    [
        (nothing, "the connection and the path; it takes () -> 'None'"),
        (Handlers().three, "(ws: 'Any', path: 'str', extra: 'int')"),
        (only_by_name, "(*, ws: 'Any')"),
        (Handlers, "it takes ()"),
        (None, "ws_handler has to be a coroutine function, not None"),
        ("echo", "ws_handler has to be a coroutine function, not 'echo'"),
        (yielding, "ws_handler is a generator, since there is a yield in it"),
    ],
)
def test_what_cannot_be_a_handler_is_refused_at_once(handler: Any, words: str) -> None:
    with pytest.raises(TypeError) as caught:
        serve(handler)
    assert words in str(caught.value)


def test_a_handler_that_was_called_is_refused_and_closed() -> None:
    coroutine: Any = nothing()
    with pytest.raises(
        TypeError, match=r"a coroutine; pass the function: nothing, not nothing\(\)$"
    ):
        serve(coroutine)
    assert inspect.getcoroutinestate(coroutine) == inspect.CORO_CLOSED


async def test_a_handler_may_be_a_function_that_gives_a_coroutine() -> None:
    def handler(ws: WebSocketServerProtocol, path: str) -> Awaitable[None]:
        return echo(ws)

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"


async def test_a_handler_that_is_no_coroutine_function_is_told_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    handler: Any = lambda ws, path: None
    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert ws.close_code == 1011
    assert "TypeError: the handler is no coroutine function; define it with async" in caplog.text


async def test_a_connection_is_closed_with_1000_when_the_handler_returns() -> None:
    async def handler(ws: WebSocketServerProtocol) -> None:
        return

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        with pytest.raises(ConnectionClosedOK):
            await ws.recv()
        assert ws.close_code == 1000


async def test_a_connection_is_closed_with_1011_when_the_handler_raises(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def handler(ws: WebSocketServerProtocol) -> None:
        raise RuntimeError("BOOM")

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert ws.close_code == 1011
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert [(record.name, record.message) for record in errors] == [
        ("websockets.server", "connection handler failed")
    ]
    assert errors[0].exc_info is not None
    assert str(errors[0].exc_info[1]) == "BOOM"
