"""recv() that returns None when no message comes any more."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import pytest

import ws_compat
from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol
from ws_asyncio.testing import connected_pair
from ws_compat.legacy_recv import use_legacy_recv, with_legacy_recv
from ws_frames import ConnectionClosed

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

LEGACY: Any = {
    "create_client": with_legacy_recv(WebSocketClientProtocol),
    "create_server": with_legacy_recv(WebSocketServerProtocol),
}


async def test_messages_arrive_and_none_after_the_last() -> None:
    async with connected_pair(**LEGACY) as (client, server):
        await server.send("Hello")
        await server.close()
        assert [await client.recv() for _ in range(3)] == ["Hello", None, None]
        assert await server.recv() is None


async def test_an_abnormal_end_is_none_too() -> None:
    async with connected_pair(**LEGACY) as (client, server):
        server.transport.abort()
        assert await client.recv() is None
        assert client.close_code == 1006


async def test_iteration_and_sending_are_as_ever() -> None:
    async with connected_pair(**LEGACY) as (client, server):
        await server.send("Hello")
        await server.close()
        assert [message async for message in client] == ["Hello"]
        with pytest.raises(ConnectionClosed):
            await client.send("Hello")


async def test_others_are_not_touched() -> None:
    async with connected_pair() as (client, server):
        await server.close()
        with pytest.raises(ConnectionClosed):
            await client.recv()
    assert WebSocketClientProtocol.recv is not type(LEGACY["create_client"]()).recv


async def test_the_class_is_a_subclass_of_the_same_name() -> None:
    class Own(WebSocketClientProtocol):
        pass

    connection = with_legacy_recv(Own)()
    assert isinstance(connection, Own)
    assert type(connection).__qualname__ == Own.__qualname__
    assert inspect.iscoroutinefunction(connection.recv)


def test_asking_twice_is_as_good_as_once() -> None:
    connection = WebSocketClientProtocol()
    use_legacy_recv(connection)
    cls = type(connection)
    use_legacy_recv(connection)
    assert type(connection) is cls


async def test_the_argument_of_a_connection_does_it(deprecated: Deprecated) -> None:
    class Own(ws_compat.WebSocketServerProtocol):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.made = True

    def create(*args: Any, **kwargs: Any) -> Any:
        with deprecated("legacy_recv is deprecated; catch ConnectionClosed", at="super()"):
            return Own(*args, legacy_recv=True, **kwargs)

    async with connected_pair(create_server=create) as (client, server):
        assert isinstance(server, Own)
        assert server.made
        await client.close()
        assert await server.recv() is None
