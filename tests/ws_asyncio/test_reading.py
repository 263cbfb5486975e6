"""Large reads: into which buffer they go, and what becomes of them."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import logging
import os
import ssl
import weakref
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.test_server_tls import CERTIFICATE
from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol, connect, serve
from ws_asyncio.reading import Reader, may_share, shared_buffer
from ws_frames import IMPLEMENTATION, ConnectionClosed
from ws_frames.speedups import REASON, encode_frame

KIB = 1024
LARGE = os.urandom(1024 * KIB)


@pytest.fixture(autouse=True)
def transports_of_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ws_asyncio.transports.chosen", "loop")


#: Whether there is anything that parses out of a buffer.
IN_C = IMPLEMENTATION == "c"

only_c = pytest.mark.skipif(not IN_C, reason=f"C speedups {REASON}")


def reads_large(ws: WebSocketServerProtocol | WebSocketClientProtocol) -> bool:
    return isinstance(ws.transport.get_protocol(), Reader)


@contextlib.asynccontextmanager
async def pair(
    handler: Any = echo,
    *,
    tls: bool = False,
    server_side: type[WebSocketServerProtocol] = WebSocketServerProtocol,
    **options: Any,
) -> AsyncIterator[tuple[WebSocketClientProtocol, WebSocketServerProtocol]]:
    """Both ends of a connection between a client and a server that serves it with a handler."""
    accepted: list[WebSocketServerProtocol] = []

    async def handle(ws: WebSocketServerProtocol) -> None:
        accepted.append(ws)
        await handler(ws)

    options.setdefault("compression", None)
    context = client = None
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(CERTIFICATE)
        client = ssl.create_default_context(cafile=str(CERTIFICATE))
    server_options = {"create_protocol": server_side, "ssl": context, **options}
    async with serve(handle, "127.0.0.1", 0, **server_options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        uri = f"wss://localhost:{port}" if tls else f"ws://localhost:{port}"
        async with connect(uri, host="127.0.0.1", ssl=client, **options) as ws:
            await ws.send("first")
            assert await ws.recv() in ("first", b"first")
            yield ws, accepted[0]


# ---------------------------------------------------------------------------
# The buffer


def transport_of(module: str, **extra: object) -> Any:
    return type("Transport", (asyncio.Transport,), {"__module__": module})(extra)


SELECTOR = "asyncio.selector_events"
UVLOOP = "uvloop.loop"


@only_c
@pytest.mark.parametrize("module", [SELECTOR, UVLOOP])
def test_some_transports_may_share_a_buffer(module: str) -> None:
    assert may_share(transport_of(module), 64 * KIB)


@pytest.mark.parametrize(
    "module", ["aiofastnet.transport", "asyncio.sslproto", "winloop.loop", __name__]
)
def test_a_transport_that_may_fill_it_while_others_do_has_none(module: str) -> None:
    assert not may_share(transport_of(module), 64 * KIB)


def test_small_reads_were_asked_for() -> None:
    assert not may_share(transport_of(SELECTOR), 64 * KIB - 1)


def test_with_tls_there_is_none() -> None:
    assert not may_share(transport_of(UVLOOP, sslcontext=object()), 64 * KIB)


def test_python_parses_what_is_in_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ws_asyncio.reading.IMPLEMENTATION", "python")
    assert not may_share(transport_of(SELECTOR), 64 * KIB)


@pytest.mark.parametrize(
    ("read_limit", "size"), [(64 * KIB, 256 * KIB), (2**18, 2**20), (2**30, 2**20)]
)
async def test_it_is_larger_than_the_limit_up_to_a_bound(read_limit: int, size: int) -> None:
    buffer = shared_buffer(asyncio.get_running_loop(), read_limit)
    assert (len(buffer), buffer.readonly) == (size, False)


async def test_connections_of_an_event_loop_share_it() -> None:
    loop, other = asyncio.get_running_loop(), asyncio.new_event_loop()
    try:
        buffer = shared_buffer(loop, 64 * KIB)
        assert shared_buffer(loop, 64 * KIB) is buffer
        assert shared_buffer(loop, 70_000) is not buffer
        assert shared_buffer(other, 64 * KIB) is not buffer
    finally:
        other.close()


def test_it_goes_with_the_event_loop() -> None:
    loop = asyncio.new_event_loop()
    alive = weakref.ref(shared_buffer(loop, 64 * KIB))
    assert alive() is not None
    loop.close()
    del loop
    gc.collect()
    assert alive() is None


# ---------------------------------------------------------------------------
# Connections


@pytest.mark.parametrize("tls", [False, True], ids=["plain", "tls"])
def test_large_messages_go_through_it(run: Any, tls: bool) -> None:
    async def main() -> None:
        async with pair(tls=tls) as (client, server):
            assert not reads_large(client)
            assert not reads_large(server)
            for message in (LARGE, "x" * len(LARGE), "é" * 400_000, b"small", LARGE[:70_000]):
                await client.send(message)
                assert await client.recv() == message
            assert reads_large(client) is (IN_C and not tls)
            assert reads_large(server) is (IN_C and not tls)
            assert await asyncio.wait_for(await client.ping(b"x"), 20) > 0
        assert (client.close_code, server.close_code) == (1000, 1000)

    run(main())


def test_it_is_taken_once(run: Any) -> None:
    async def main() -> None:
        async with pair() as (client, server):
            await client.send(LARGE)
            assert await client.recv() == LARGE
            protocol = server.transport.get_protocol()
            await client.send(LARGE)
            assert await client.recv() == LARGE
            assert server.transport.get_protocol() is protocol

    run(main())


@pytest.mark.parametrize("read_limit", [1000, 2**15, 2**16])
def test_all_that_came_before_the_end_of_tls_is_received(run: Any, read_limit: int) -> None:
    received: list[Any] = []

    async def keep(ws: WebSocketServerProtocol) -> None:
        async for message in ws:
            received.append(message)
            await ws.send(message[:5])

    async def main() -> None:
        async with pair(keep, tls=True, read_limit=read_limit) as (client, server):
            await client.send(LARGE)
            await client.recv()
            frames = encode_frame(0x82, LARGE[:20_000], True) * 10
            client.transport.write(frames + encode_frame(0x88, b"\x03\xe8", True))
            client.transport.close()
            await asyncio.wait_for(server.wait_closed(), 20)
            assert server.close_code == 1000

    run(main())
    assert received == ["first", LARGE, *[LARGE[:20_000]] * 10]


async def test_reads_can_be_logged(caplog: pytest.LogCaptureFixture) -> None:
    async with pair() as (client, _):
        await client.send(LARGE)
        assert await client.recv() == LARGE
        caplog.set_level(logging.DEBUG, "websockets.server")
    caplog.clear()
    async with pair() as (client, server):
        for _ in range(2):
            await client.send(LARGE)
            assert await client.recv() == LARGE
        assert reads_large(server) is IN_C
    assert len([line for line in caplog.messages if "< BINARY" in line]) == 2


def test_connections_do_not_mix_what_they_read(run: Any) -> None:
    async def talk(uri: str, byte: bytes) -> None:
        async with connect(uri, compression=None) as ws:
            for size in (300_000, 70_000, 10, 1_000_000, 65_536, 300_000):
                await ws.send(byte * size)
                assert await ws.recv() == byte * size
            assert reads_large(ws) is IN_C

    async def main() -> None:
        async with serve(echo, "127.0.0.1", 0, compression=None) as server:
            assert server.sockets is not None
            uri = "ws://127.0.0.1:{1}/".format(*server.sockets[0].getsockname())
            await asyncio.gather(*[talk(uri, bytes([number])) for number in range(8)])

    run(main())


@pytest.mark.parametrize("read_limit", [0, 1000, 2**16])
async def test_reads_are_not_larger_than_it(
    monkeypatch: pytest.MonkeyPatch, read_limit: int
) -> None:
    sizes: list[int] = []

    class Noting(WebSocketServerProtocol):
        def _receive_slowly(self, data: bytes) -> None:
            sizes.append(len(data))
            super()._receive_slowly(data)

        def _note_large_read(self, size: int) -> None:
            sizes.append(size)
            super()._note_large_read(size)

    message = LARGE if read_limit else LARGE[:2000]
    async with pair(server_side=Noting, read_limit=read_limit) as (client, server):
        await client.send(message)
        assert await client.recv() == message
        assert reads_large(server) is (IN_C and read_limit == 2**16)
        server._inbox.traced = True  # so that also small ones are seen
        await client.send(message)
        assert await client.recv() == message
    most = max(read_limit, 1) if read_limit < 2**16 else 4 * read_limit
    assert 0 < max(sizes) <= most


def test_a_peer_that_does_not_read_is_waited_for(run: Any) -> None:
    """The transport tells who reads into a buffer, too, when to stop writing."""

    async def main() -> None:
        async with pair(max_queue=1) as (client, _):
            await client.send(LARGE)
            assert await client.recv() == LARGE
            assert reads_large(client) is IN_C
            sending = asyncio.ensure_future(flood(client))
            await asyncio.wait_for(until_paused(client), 20)
            for _ in range(20):
                assert await client.recv() == LARGE
            await sending

    async def flood(ws: WebSocketClientProtocol) -> None:
        for _ in range(20):
            await ws.send(LARGE)

    async def until_paused(ws: WebSocketClientProtocol) -> None:
        while not ws._outbox.paused:
            await asyncio.sleep(0)

    run(main())


@pytest.mark.parametrize("how", ["eof", "abort"])
def test_the_end_of_tcp_is_noticed(run: Any, how: str) -> None:
    async def main() -> None:
        async with pair() as (client, server):
            await client.send(LARGE)
            assert await client.recv() == LARGE
            assert reads_large(server) is IN_C
            if how == "eof":
                client.transport.write_eof()
            else:
                client.transport.abort()
            await asyncio.wait_for(server.wait_closed(), 20)
            with pytest.raises(ConnectionClosed):
                await server.send("too late")
            assert server.close_code == 1006
            await asyncio.wait_for(client.wait_closed(), 20)

    run(main())


async def test_a_subclass_still_sees_what_arrives() -> None:
    seen: list[bytes] = []

    class Looking(WebSocketServerProtocol):
        def data_received(self, data: bytes) -> None:
            seen.append(data)
            super().data_received(data)

    async with pair(server_side=Looking) as (client, server):
        await client.send(LARGE)
        assert await client.recv() == LARGE
        assert not reads_large(server)
        assert reads_large(client) is IN_C
    assert sum(map(len, seen)) > len(LARGE)


@pytest.mark.parametrize("when", [len("first"), len(LARGE)], ids=["before", "afterwards"])
async def test_a_protocol_that_hands_on_what_it_is_called_for_goes_on_with_it(when: int) -> None:
    class Framework(asyncio.Protocol):
        def __init__(self, protocol: Any) -> None:
            self.protocol = protocol

        def data_received(self, data: bytes) -> None:
            self.protocol.data_received(data)

        def connection_lost(self, exc: Exception | None) -> None:
            self.protocol.connection_lost(exc)

    async def behind_a_framework(ws: WebSocketServerProtocol) -> None:
        async for message in ws:
            await ws.send(message)
            protocol = ws.transport.get_protocol()
            if len(message) == when and not isinstance(protocol, Framework):
                ws.transport.set_protocol(Framework(protocol))

    async with pair(behind_a_framework) as (client, server):
        for _ in range(3):
            await client.send(LARGE)
            assert await client.recv() == LARGE
        assert isinstance(server.transport.get_protocol(), Framework)
