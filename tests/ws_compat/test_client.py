"""connect() with the arguments of any release."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
import types
from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
from tests.ws_asyncio.servers import uri_of
from ws_compat import (
    Connect,
    WebSocketClientProtocol,
    connect,
    serve,
    unix_connect,
    unix_serve,
)

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated


async def echo(connection: Any, path: str) -> None:
    async for message in connection:
        await connection.send(message)


@pytest.fixture
async def uri() -> AsyncIterator[str]:
    """Where a server echoes."""
    async with serve(echo, "127.0.0.1", 0) as server:
        yield uri_of(server)


async def test_it_gives_a_connection_with_all_that_it_ever_had(uri: str) -> None:
    connection = await connect(uri)
    assert type(connection) is WebSocketClientProtocol
    await connection.close()
    async with connect(uri) as connection:
        await connection.send("Hello")
        assert await connection.recv() == "Hello"


def test_it_shows_the_signature_of_today() -> None:
    assert inspect.signature(connect) == inspect.signature(ws_asyncio.connect)
    assert connect.__doc__ == ws_asyncio.connect.__doc__


async def test_timeout_is_close_timeout(uri: str, deprecated: Deprecated) -> None:
    with deprecated("the argument timeout is deprecated; use close_timeout", at="timeout=3"):
        connecting = connect(uri, timeout=3)
    async with connecting as connection:
        assert connection.close_timeout == 3


async def test_klass_is_create_protocol(uri: str, deprecated: Deprecated) -> None:
    class Own(WebSocketClientProtocol):
        pass

    with deprecated("the argument klass is deprecated; use create_protocol", at="klass=Own"):
        connecting = connect(uri, klass=Own)
    async with connecting as connection:
        assert type(connection) is Own


async def test_a_queue_of_zero_has_no_limit(uri: str, deprecated: Deprecated) -> None:
    with deprecated("max_queue=0 is deprecated; use max_queue=None", at="max_queue=0"):
        connecting = connect(uri, max_queue=0)
    async with connecting as connection:
        assert connection.max_queue is None


async def test_legacy_recv_gives_none_at_the_end(uri: str, deprecated: Deprecated) -> None:
    with deprecated("legacy_recv is deprecated; catch ConnectionClosed", at="legacy_recv=True"):
        connecting = connect(uri, legacy_recv=True)
    with deprecated():
        async with connecting as connection:
            await connection.send("Hello")
            assert await connection.recv() == "Hello"
        assert await connection.recv() is None
    assert isinstance(connection, WebSocketClientProtocol)


async def test_the_loop_may_be_the_running_one(uri: str, deprecated: Deprecated) -> None:
    text = "the argument loop is deprecated; leave it out, and let that loop run this"
    with deprecated(text, at="loop="):
        connecting = connect(uri, loop=asyncio.get_running_loop())
    async with connecting:
        pass


async def test_and_no_other(uri: str) -> None:
    other = asyncio.new_event_loop()
    with pytest.deprecated_call():
        connecting = connect(uri, loop=other)
    with pytest.raises(RuntimeError, match="another event loop than the running one"):
        await connecting
    other.close()


async def test_a_coroutine_that_is_a_generator_can_use_it(uri: str, deprecated: Deprecated) -> None:
    @types.coroutine
    def old() -> Generator[Any, None, Any]:
        connection = yield from connect(uri)
        yield from connection.send("Hello")
        reply = yield from connection.recv()
        yield from connection.close()
        return reply

    with deprecated("yield from connect() is deprecated; use await", at="from connect"):
        assert await old() == "Hello"


async def test_over_a_unix_socket(deprecated: Deprecated) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        async with unix_serve(echo, path):
            with deprecated("the argument timeout is deprecated; use close_timeout", at="timeout"):
                connecting = unix_connect(path, timeout=3)
            assert isinstance(connecting, Connect)
            async with connecting as connection:
                await connection.send("Hello")
                assert await connection.recv() == "Hello"
                assert connection.request_headers["Host"] == "localhost"
