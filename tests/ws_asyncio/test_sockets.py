"""Connections on real sockets, on all kinds of event loops."""

from __future__ import annotations

import asyncio
import gc
import os
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol, connect, serve
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import (
    ConnectionClosed,
    ConnectionClosedOK,
)

if TYPE_CHECKING:
    from tests.conftest import Run

from tests.ws_asyncio.applications import echo


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make what a server and a client need for TLS."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


@asynccontextmanager
async def loopback(
    handler: Callable[[WebSocketServerProtocol], Coroutine[Any, Any, None]] = echo,
    *,
    tls: bool = False,
    **options: Any,
) -> AsyncIterator[tuple[WebSocketClientProtocol, list[WebSocketServerProtocol]]]:
    """Connect a client to a server; the server's connections come along."""
    connections: list[WebSocketServerProtocol] = []

    async def handle(connection: WebSocketServerProtocol) -> None:
        connections.append(connection)
        await handler(connection)

    ssl_server, ssl_client = tls_contexts() if tls else (None, None)
    async with serve(handle, "127.0.0.1", 0, ssl=ssl_server, **options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        uri = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
        async with connect(uri, ssl=ssl_client, **options) as client:
            yield client, connections


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_messages_go_to_and_fro(run: Run[None], compression: str | None, tls: bool) -> None:
    async def main() -> None:
        async with loopback(compression=compression, tls=tls) as (client, _):
            for size in [0, 1, 200, 70_000, 1_000_000]:
                await client.send("a" * size)
                assert await client.recv() == "a" * size
            for number in range(500):
                await client.send(str(number))
            assert [await client.recv() for _ in range(500)] == [*map(str, range(500))]
            await client.send(["a", "b", "c"])
            assert await client.recv() == "abc"
            assert await (await client.ping()) > 0
        assert client.close_code == 1000

    run(main())


def test_a_reader_that_is_slow_slows_the_writer_down(run: Run[None]) -> None:
    written = 0

    async def flood(connection: WebSocketServerProtocol) -> None:
        nonlocal written
        for number in range(400):
            await connection.send(str(number).zfill(65_536))
            written += 1

    async def main() -> None:
        async with loopback(flood, compression=None, max_queue=4) as (client, _):
            await asyncio.sleep(0.05)
            before = written
            for number in range(400):
                assert await client.recv() == str(number).zfill(65_536)
            with pytest.raises(ConnectionClosedOK):
                await client.recv()
            assert before < 400

    run(main())


@pytest.mark.parametrize("end", ["client", "server", "abort", "fail"])
@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
def test_transports_are_closed_whoever_ends_the_connection(
    run: Run[None], end: str, tls: bool
) -> None:
    async def main() -> None:
        async with loopback(tls=tls) as (client, connections):
            await client.send("a")
            await client.recv()
            if end == "server":
                await connections[0].close()
            elif end == "abort":
                client.fail_connection()
            elif end == "fail":
                client.fail_connection(1011)

    run(main())
    gc.collect()  # warnings of what isn't closed are errors


@pytest.mark.parametrize("waiting", [False, True])
def test_a_reset_connection_has_the_reset_as_its_cause(run: Run[None], waiting: bool) -> None:
    async def main() -> None:
        ended = asyncio.get_running_loop().create_future()

        async def handle(connection: WebSocketServerProtocol) -> None:
            await connection.recv()
            if not waiting:
                await asyncio.sleep(0.01)
            try:
                while True:
                    await connection.recv()
            except ConnectionClosed as exc:
                ended.set_result((exc.code, type(exc.__cause__)))

        async with loopback(handle) as (client, connections):
            await client.send("a")
            while not connections:
                await asyncio.sleep(0)
            sock = client.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
            assert await ended == (1006, ConnectionResetError)

    run(main())


async def send_for_ever(connection: WebSocketCommonProtocol) -> None:
    while True:
        await connection.send("a" * 10_000)


def test_a_failure_reaches_a_peer_that_is_still_sending(run: Run[None]) -> None:
    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            await connection.recv()
            connection.fail_connection(1011, "enough")
            await connection.wait_closed()

        async with loopback(handle, compression=None) as (client, _):
            with pytest.raises(ConnectionClosed) as caught:
                await send_for_ever(client)
            assert (caught.value.code, caught.value.reason) == (1011, "enough")

    run(main())


def test_both_sides_close_at_the_same_time(run: Run[None]) -> None:
    async def main() -> None:
        async with loopback() as (client, connections):
            await client.send("a")
            await client.recv()
            await asyncio.gather(client.close(1000, "client"), connections[0].close(1000, "server"))
            assert client.close_reason == "server"
            assert connections[0].close_reason == "client"

    run(main())


def test_a_full_queue_is_closed_by_the_one_and_the_other(run: Run[None]) -> None:
    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            for _ in range(1000):
                await connection.send("a" * 1000)

        async with loopback(handle, compression=None, max_queue=2) as (client, connections):
            await client.recv()
            await client.close()
            await connections[0].wait_closed()
            assert (client.close_code, connections[0].close_code) == (1000, 1000)

    run(main())


async def serve_until_bye(connection: WebSocketServerProtocol) -> None:
    async for message in connection:
        if message == "bye":
            return
        await connection.send(message)


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("end", ["client", "server", "abort", "fail"])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_nothing_of_a_connection_is_left_to_the_garbage_collector(
    kind: str,
    compression: str | None,
    end: str,
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    async def live(uri: str) -> None:
        async with connect(uri, compression=compression) as client:
            for message in ("a", os.urandom(100_000)):  # large reads go another way
                await client.send(message)
                await client.recv()
            await (await client.ping())
            await client.send(["a", "b"])
            if end == "server":
                await client.send("bye")
                await client.wait_closed()
            elif end == "abort":
                client.fail_connection()
            elif end == "fail":
                client.fail_connection(1011)

    async def main() -> set[str]:
        async with serve(serve_until_bye, "127.0.0.1", 0) as server:
            assert server.sockets is not None
            await live("ws://127.0.0.1:{1}/".format(*server.sockets[0].getsockname()))
            while server.connections:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            return garbage_modules()

    # Before Python 3.12 transports of asyncio refer to themselves.
    assert loops(kind).run_until_complete(main()) <= {"asyncio.selector_events"}


def garbage_modules() -> set[str]:
    """Tell where the classes are from whose instances wait for the garbage collector."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        modules = {type(each).__module__ for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    return modules - {"builtins", "socket", "_socket", "asyncio.trsock"}


@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["asyncio", "debug", "uvloop"])
def test_a_handler_ends_the_program(
    kind: str,
    exception: type[BaseException],
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    handlers = []

    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            handlers.append(connection.handler_task)
            await connection.recv()
            raise exception

        async with loopback(handle) as (client, _):
            await client.send("a")
            await client.recv()

    loop = loops(kind)
    task = loop.create_task(main())
    with pytest.raises(exception):
        loop.run_until_complete(asyncio.wait_for(asyncio.shield(task), 30))
    # What asyncio.run() does then.
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    assert isinstance(handlers[0].exception(), exception)
