"""A server that speaks TLS, and who is silent instead of speaking it."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path
from typing import Any

import pytest

from tests.ws_asyncio.applications import echo
from ws_asyncio import WebSocketServerProtocol, connect, serve

CERTIFICATE = Path(__file__).with_name("localhost.pem")


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def test_tls_is_spoken_where_there_is_a_context(tls: ssl.SSLContext) -> None:
    client = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with serve(echo, "127.0.0.1", 0, ssl=tls) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        async with connect(f"wss://localhost:{port}", host="127.0.0.1", ssl=client) as ws:
            await ws.send("x" * 100_000)
            assert await ws.recv() == "x" * 100_000
            assert ws.transport.get_extra_info("ssl_object") is not None


async def test_both_ends_know_their_addresses_after_the_end(tls: ssl.SSLContext) -> None:
    client = ssl.create_default_context(cafile=str(CERTIFICATE))
    ended: asyncio.Future[WebSocketServerProtocol] = asyncio.get_running_loop().create_future()

    async def handler(ws: WebSocketServerProtocol) -> None:
        await ws.wait_closed()
        ended.set_result(ws)

    async with serve(handler, "127.0.0.1", 0, ssl=tls) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        async with connect(f"wss://localhost:{port}", host="127.0.0.1", ssl=client) as ws:
            addresses = ws.local_address, ws.remote_address
        other = await ended
        assert (ws.local_address, ws.remote_address) == addresses
        assert (other.remote_address, other.local_address) == addresses
        assert ws.transport.get_extra_info("ssl_object") is not None


async def test_a_cancelled_handler_keeps_to_the_time_limit(tls: ssl.SSLContext) -> None:
    client = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with serve(echo, "127.0.0.1", 0, ssl=tls, close_timeout=0.05) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        ws = await connect(f"wss://localhost:{port}", host="127.0.0.1", ssl=client)
        ws.transport.pause_reading()  # so that it doesn't take part in the end of TLS
        (other,) = server.connections
        other.handler_task.cancel()
        # Left alone, the event loop would wait for half a minute.
        await asyncio.wait_for(other.wait_closed(), 20)
        ws.transport.abort()


async def test_who_is_silent_instead_of_speaking_tls_runs_into_the_time_limit(
    tls: ssl.SSLContext,
) -> None:
    async with serve(echo, "127.0.0.1", 0, ssl=tls, open_timeout=0.05) as server:
        assert server.sockets is not None
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        # Left alone, the event loop would wait for a minute.
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        await writer.wait_closed()


async def test_the_limit_for_tls_can_be_another_one(tls: ssl.SSLContext) -> None:
    async with serve(
        echo, "127.0.0.1", 0, ssl=tls, open_timeout=60, ssl_handshake_timeout=0.05
    ) as server:
        assert server.sockets is not None
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        assert await asyncio.wait_for(reader.read(), 20) == b""
        writer.close()
        await writer.wait_closed()


async def test_the_time_limit_counts_from_before_tls(tls: ssl.SSLContext) -> None:
    seen: list[bool] = []

    async def handler(ws: WebSocketServerProtocol) -> None:
        assert ws.accepted_at is not None
        seen.append(ws.accepted_at <= asyncio.get_running_loop().time())

    client = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with serve(handler, "127.0.0.1", 0, ssl=tls) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        async with connect(f"wss://localhost:{port}", host="127.0.0.1", ssl=client):
            pass
    assert seen == [True]


async def test_who_is_silent_instead_of_speaking_tls_does_not_hold_up_the_shutdown(
    tls: ssl.SSLContext,
) -> None:
    accepted: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def create(*args: Any, **kwargs: Any) -> WebSocketServerProtocol:
        accepted.set_result(None)
        return WebSocketServerProtocol(*args, **kwargs)

    options: dict[str, Any] = {"ssl": tls, "create_protocol": create, "open_timeout": None}
    server = await serve(echo, "127.0.0.1", 0, **options)
    assert server.sockets is not None
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    await accepted
    server.close()
    await asyncio.wait_for(server.wait_closed(), 20)
    writer.close()
    with contextlib.suppress(ConnectionResetError):
        await writer.wait_closed()
