from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol, broadcast
from ws_asyncio.testing import connected_pair
from ws_deflate import add_client_deflate, add_server_deflate
from ws_frames import ConnectionClosedError

Pair = tuple[WebSocketClientProtocol, WebSocketServerProtocol]


@contextlib.asynccontextmanager
async def pairs(
    count: int, *, compression: bool = False, **options: Any
) -> AsyncIterator[list[Pair]]:
    client_options = {"extensions": add_client_deflate(None) if compression else None}
    server_options = {"extensions": add_server_deflate(None) if compression else None, **options}
    async with contextlib.AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(
                connected_pair(client_options=client_options, server_options=server_options)
            )
            for _ in range(count)
        ]


@pytest.mark.parametrize("compression", [False, True])
@pytest.mark.parametrize("message", ["Hello" * 50, b"Hello" * 50])
async def test_all_get_the_message(message: str | bytes, compression: bool) -> None:
    async with pairs(3, compression=compression) as connected:
        for n in range(3):
            for _, server in connected:
                await server.send(f"{n} before {message!r}")
            broadcast((server for _, server in connected), message)
            for client, _ in connected:
                assert await client.recv() == f"{n} before {message!r}"
                assert await client.recv() == message


async def test_clients_can_broadcast_too() -> None:
    async with pairs(2) as connected:
        broadcast([client for client, _ in connected], "Hello")
        for _, server in connected:
            assert await server.recv() == "Hello"


@pytest.mark.parametrize("message", [["a"], {"a": "b"}, 1, None])
async def test_other_types_are_refused(message: Any) -> None:
    with pytest.raises(TypeError, match="message must be str or bytes-like, not"):
        broadcast([], message)


async def test_connections_that_are_not_open_are_passed_over() -> None:
    async with pairs(2) as connected:
        (closed, closing), (client, server) = connected
        await closed.close()
        broadcast([closing, server, WebSocketClientProtocol()], "Hello")
        assert await client.recv() == "Hello"


async def test_a_message_waits_for_the_end_of_a_fragmented_one() -> None:
    more: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def fragments() -> AsyncIterator[str]:
        yield "a"
        yield await more

    async with pairs(1) as [(client, server)]:
        sending = asyncio.ensure_future(server.send(fragments()))
        await asyncio.sleep(0)
        broadcast([server], "Hello")
        more.set_result("b")
        await sending
        assert await client.recv() == "ab"
        assert await client.recv() == "Hello"


async def test_a_message_that_waits_may_be_changed() -> None:
    more: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def fragments() -> AsyncIterator[str]:
        yield "a"
        yield await more

    async with pairs(1) as [(client, server)]:
        sending = asyncio.ensure_future(server.send(fragments()))
        await asyncio.sleep(0)
        buffer = bytearray(b"first")
        for message in (buffer, memoryview(buffer)[::2]):
            broadcast([server], message)
        buffer[:] = b"later"
        more.set_result("b")
        await sending
        assert [await client.recv() for _ in range(3)] == ["ab", b"first", b"frt"]


async def test_text_that_cannot_be_encoded_is_refused_whoever_gets_it() -> None:
    with pytest.raises(UnicodeEncodeError, match="surrogates not allowed"):
        broadcast([], "\ud800")


async def test_the_backlog_of_a_slow_connection_is_limited() -> None:
    async with pairs(2, write_limit=1000) as connected:
        (slow, slow_server), (client, server) = connected
        slow.transport.pause_reading()
        message = bytes(10_000)
        for _ in range(4):
            broadcast([slow_server, server], message, max_backlog=15_000)
            assert await client.recv() == message
        assert not slow_server.open
        assert server.open
        assert server.backlog == 0
        slow.transport.resume_reading()
        for _ in range(3):
            assert await slow.recv() == message
        with pytest.raises(
            ConnectionClosedError, match=r"1013 \(try again later\), reason = too slow"
        ):
            await slow.recv()


async def test_a_slow_connection_may_miss_messages_instead() -> None:
    async with pairs(1, write_limit=1000) as [(client, server)]:
        client.transport.pause_reading()
        for n in range(9):
            broadcast([server], bytes([n]) * 10_000, max_backlog=15_000, close_slow=False)
        assert server.backlog <= 15_000 + 10_004
        client.transport.resume_reading()
        assert [(await client.recv())[0] for _ in range(3)] == [0, 1, 2]
        broadcast([server], "Hello")
        assert await client.recv() == "Hello"
