"""What is said to those who forget an await or an async."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest

import ws_compat
from ws_asyncio import connect, serve, unix_connect, unix_serve
from ws_asyncio.client_protocol import WebSocketClientProtocol


async def handler(ws: Any) -> None: ...


CONNECTS = [
    connect("ws://localhost/"),
    unix_connect("/nonexistent"),
    ws_compat.connect("ws://localhost/"),
]
SERVES = [serve(handler), unix_serve(handler, "/nonexistent"), ws_compat.serve(handler)]


@pytest.mark.parametrize("name", ["send", "recv", "close", "open", "remote_address", "ping"])
@pytest.mark.parametrize("unawaited", CONNECTS)
def test_a_connection_is_there_once_it_is_awaited(unawaited: Any, name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(unawaited, name)
    assert str(caught.value) == (
        f"connect() has no attribute {name!r} before it is awaited: "
        "use 'async with connect(...)' or 'ws = await connect(...)'"
    )


@pytest.mark.parametrize("name", ["close", "sockets", "serve_forever", "wait_closed"])
@pytest.mark.parametrize("unawaited", SERVES)
def test_a_server_is_there_once_it_is_awaited(unawaited: Any, name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(unawaited, name)
    assert str(caught.value) == (
        f"serve() has no attribute {name!r} before it is awaited: "
        "use 'async with serve(...)' or 'server = await serve(...)'"
    )


@pytest.mark.parametrize("unawaited", [*CONNECTS, *SERVES])
@pytest.mark.parametrize("name", ["no_such_thing", "__len__", "_pump"])
def test_what_nothing_has_is_told_in_few_words(unawaited: Any, name: str) -> None:
    with pytest.raises(AttributeError) as caught:
        getattr(unawaited, name)
    assert str(caught.value).endswith(f"() has no attribute {name!r}")


def test_with_is_told_to_be_async() -> None:
    unawaited: Any = connect("ws://localhost/")
    server: Any = serve(handler)
    expected = r"^use 'async with connect\(\.\.\.\)' instead of 'with'$"
    with pytest.raises(TypeError, match=expected), unawaited:
        pytest.fail("there is no connection")
    with pytest.raises(TypeError, match=r"^use 'async with serve\(\.\.\.\)' instead of 'with'$"):
        server.__enter__()


def test_what_is_shown_says_that_it_is_to_be_awaited() -> None:
    assert repr(connect("ws://user:secret@localhost/")) == (
        "<connect(), not awaited yet: use 'async with connect(...)' or 'await connect(...)' "
        "in a coroutine>"
    )
    assert repr(serve(handler)).startswith("<serve(), not awaited yet: use 'async with serve(")


def test_looking_for_attributes_does_no_harm() -> None:
    unawaited = connect("ws://localhost/")
    assert not hasattr(unawaited, "send")
    assert repr(copy.copy(unawaited)) == repr(unawaited)


async def test_a_connection_is_told_to_be_iterated_over_with_async() -> None:
    connection: Any = WebSocketClientProtocol()
    with pytest.raises(TypeError, match=r"^use 'async for message in \.\.\.' instead of 'for'$"):
        list(connection)
    with pytest.raises(TypeError, match=r"^'WebSocketClientProtocol' object is not subscriptable$"):
        connection["key"]


def test_a_connection_is_no_iterable() -> None:
    assert not isinstance(WebSocketClientProtocol(), Iterable)
