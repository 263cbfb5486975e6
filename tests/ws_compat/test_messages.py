"""``async for`` over a connection whose ``recv()`` is not the one of the library."""

from __future__ import annotations

import json
import warnings
from typing import Any

import pytest

from tests.ws_compat.pairs import old_pair
from ws_compat import WebSocketClientProtocol
from ws_compat.messages import Messages
from ws_frames import ConnectionClosedError


class Json(WebSocketClientProtocol):
    async def recv(self) -> Any:
        return json.loads(await super().recv())


async def test_it_gives_what_the_method_of_a_subclass_gives() -> None:
    async with old_pair(create_client=Json) as (client, server):
        await server.send("[1]")
        await server.send("[2]")
        await server.close()
        assert [message async for message in client] == [[1], [2]]


async def test_it_gives_what_a_function_set_on_the_connection_gives() -> None:
    async with old_pair() as (client, server):
        stock = client.recv

        async def recv() -> Any:
            return (await stock()).upper()

        client.recv = recv
        await server.send("Hello")
        await server.close()
        assert [message async for message in client] == ["HELLO"]


async def test_it_gives_what_another_connection_receives() -> None:
    async with old_pair() as (first, _), old_pair() as (second, server):
        first.recv = second.recv
        await server.send("Hello")
        await server.close()
        assert [message async for message in first] == ["Hello"]


async def test_an_abnormal_end_is_an_error() -> None:
    async with old_pair(create_client=Json) as (client, server):
        server.transport.abort()
        with pytest.raises(ConnectionClosedError):
            await client.__aiter__().__anext__()


async def test_with_legacy_recv_it_ends_where_none_would_come() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        async with old_pair(create_client=lambda **kwargs: Json(legacy_recv=True, **kwargs)) as (
            client,
            server,
        ):
            await server.send("[1]")
            await server.close()
            assert [message async for message in client] == [[1]]
            assert await client.recv() is None


async def test_the_stock_one_costs_nothing_more() -> None:
    async with old_pair() as (client, _):
        assert not isinstance(client.__aiter__(), Messages)
