"""3.0 to 3.4, of December 25, 2015 to August 20, 2017."""

from __future__ import annotations

import asyncio
import functools
import gc
import logging
import socket
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Answering, Ask, Running


async def test_recv_raises_on_a_closed_connection(running: Running) -> None:
    # 3.0: "Now it raises a ConnectionClosed exception instead."

    async def handler(websocket: Any, path: str) -> None: ...

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        with pytest.raises(websockets.ConnectionClosed):
            await websocket.recv()


async def test_a_handler_may_let_the_exception_bubble_up(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 3.0: "Let them bubble up, [...] and the server will simply ignore them."
    ended: list[str] = []

    async def handler(websocket: Any, path: str) -> None:
        try:
            while True:
                await websocket.send(await websocket.recv())
        finally:
            ended.append(path)

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        await websocket.send("Hello")
        assert await websocket.recv() == "Hello"
    assert ended == ["/"]
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


async def test_with_legacy_recv_it_returns_none(running: Running) -> None:
    # 3.0: "the previous behavior can be restored by passing legacy_recv=True to serve(), connect()"
    received: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        while True:
            message = await websocket.recv()
            received.append(message)
            if message is None:
                return
            await websocket.send(message)

    with pytest.deprecated_call(match="legacy_recv is deprecated"):
        async with running(handler, legacy_recv=True) as uri:
            websocket = await websockets.connect(uri, legacy_recv=True)
            await websocket.send("Hello")
            assert await websocket.recv() == "Hello"
            await websocket.close()
            assert await websocket.recv() is None
    assert received == ["Hello", None]


async def test_with_legacy_recv_in_the_constructors_too(running: Running) -> None:
    # 3.0: "[...] WebSocketServerProtocol, or WebSocketClientProtocol"

    async def handler(websocket: Any, path: str) -> None:
        assert await websocket.recv() is None

    server = functools.partial(websockets.WebSocketServerProtocol, legacy_recv=True)
    client = functools.partial(websockets.WebSocketClientProtocol, legacy_recv=True)
    with pytest.deprecated_call(match="legacy_recv is deprecated"):
        async with running(handler, create_protocol=server) as uri:
            websocket = await websockets.connect(uri, create_protocol=client)
            await websocket.close()
            assert await websocket.recv() is None


async def test_connect_is_a_context_manager(running: Running) -> None:
    # 3.0: "connect() can be used as an asynchronous context manager"
    async with running() as uri:
        async with websockets.connect(uri) as websocket:
            assert websocket.open
        assert not websocket.open


async def test_ping_and_pong_take_text(running: Running) -> None:
    # 3.0: "ping() and pong() support data passed as str in addition to bytes."
    async with running() as uri, websockets.connect(uri) as websocket:
        await (await websocket.ping("tæxt"))
        await (await websocket.ping(b"bytes"))
        await websocket.pong("tæxt")


async def test_connections_end_well_while_they_are_busy(running: Running) -> None:
    # 3.0: "Worked around an asyncio bug affecting connection termination under load."
    ended: list[int] = []

    async def flood(websocket: Any, path: str) -> None:
        try:
            while True:
                await websocket.send("x" * 2**12)
        finally:
            ended.append(websocket.close_code)

    options: Any = {"compression": None, "close_timeout": 60}  # the machine may be busy, too
    async with running(flood, **options) as uri:
        clients = await asyncio.gather(
            *(websockets.connect(uri, max_queue=1, **options) for _ in range(10))
        )
        await asyncio.gather(*(client.close(4000) for client in clients))
    assert [client.close_code for client in clients] == [4000] * 10
    assert ended == [4000] * 10


async def test_the_state_has_a_name(running: Running) -> None:
    # 3.0: "Made state_name attribute on protocols a public API."
    async with running() as uri, websockets.connect(uri) as websocket:
        with pytest.deprecated_call(match="state_name is deprecated; use state.name"):
            assert websocket.state_name == "OPEN"


async def test_closing_before_the_opening_handshake_warns_of_nothing(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 3.1: "Avoided a warning when closing a connection before the opening handshake."
    async with running() as uri:
        host, port = uri[5:-1].split(":")
        for begun in (b"", b"GET / HTTP/1.1\r\n"):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(begun)
            writer.close()
            await writer.wait_closed()
    gc.collect()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_what_is_not_read_stops_the_peer(running: Running) -> None:
    # 3.1: "Added flow control for incoming data."
    sent: list[Any] = []

    async def flood(websocket: Any, path: str) -> None:
        for _ in range(1000):
            sent.append(await websocket.send("x" * 2**16))

    async with (
        running(flood) as uri,
        websockets.connect(uri, max_queue=2, compression=None) as websocket,
    ):
        count = -1
        while count != len(sent):  # until it stands still
            count = len(sent)
            await asyncio.sleep(0.1)
        assert 2 < count < 1000
        assert [message async for message in websocket] == ["x" * 2**16] * 1000


async def test_the_limits_are_arguments(running: Running) -> None:
    # 3.2: "Added timeout, max_size, and max_queue arguments to connect() and serve()."
    made: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        made.append(websocket)

    options: Any = {"timeout": 5, "max_size": 6, "max_queue": 7}
    with pytest.deprecated_call(match="the argument timeout is deprecated; use close_timeout"):
        async with running(handler, **options) as uri:
            made.append(await websockets.connect(uri, **options))
            await made[0].wait_closed()
    for websocket in made:
        limits = (websocket.close_timeout, websocket.max_size, websocket.max_queue)
        assert limits == (5, 6, 7)


async def test_the_shutdown_waits_for_all(running: Running) -> None:
    # 3.2: "Made server shutdown more robust."
    ended: list[int] = []

    async def handler(websocket: Any, path: str) -> None:
        await websocket.wait_closed()
        ended.append(websocket.close_code)

    async with running(handler) as uri:
        clients = [await websockets.connect(uri) for _ in range(20)]
    assert ended == [1001] * 20
    assert all(client.closed for client in clients)


async def test_a_reset_is_no_error_in_the_log(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 3.3: "Reduced noise in logs caused by connection resets."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        websocket.transport.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0"
        )
        websocket.transport.abort()
        await websocket.wait_closed()
    assert [record for record in caplog.records if record.levelno >= 30] == []


async def test_many_may_send_at_a_time(running: Running) -> None:
    # 3.3: "Avoided crashing on concurrent writes on slow connections."
    async with (
        running(max_size=None) as uri,
        websockets.connect(uri, max_size=None, compression=None) as websocket,
    ):
        messages = [bytes([number]) * 2**20 for number in range(10)]
        sending = asyncio.gather(*(websocket.send(message) for message in messages))
        assert [await websocket.recv() for _ in messages] == messages
        await sending


async def test_create_protocol_was_klass(running: Running) -> None:
    # 3.4: "For backwards compatibility, klass is still supported."
    #
    # And create_protocol "can also be a callable".

    class Server(websockets.WebSocketServerProtocol):
        pass

    class Client(websockets.WebSocketClientProtocol):
        pass

    made: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        made.append(type(websocket))

    def create(*args: Any, **kwargs: Any) -> Server:
        return Server(*args, **kwargs)

    with pytest.deprecated_call(match="the argument klass is deprecated; use create_protocol"):
        async with (
            running(handler, klass=Server) as uri,
            websockets.connect(uri, klass=Client) as websocket,
        ):
            assert type(websocket) is Client
    for factory in (create, functools.partial(create, max_size=1)):
        async with (
            running(handler, create_protocol=factory) as uri,
            websockets.connect(uri, create_protocol=lambda **kw: Client(**kw)),
        ):
            pass
    assert made == [Server] * 3


async def test_serve_is_a_context_manager() -> None:
    # 3.4: "serve() can be used as an asynchronous context manager"

    async def handler(websocket: Any, path: str) -> None: ...

    async with websockets.serve(handler, "127.0.0.1", 0) as server:
        assert server.is_serving()
    assert not server.is_serving()


async def test_process_request_customizes_what_comes_in(running: Running, ask: Ask) -> None:
    # 3.4: "Added support for customizing handling of incoming connections with process_request()."

    class HealthCheck(websockets.WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: websockets.Headers) -> Any:
            if path == "/health/":
                return 200, [("X-Healthy", "yes")], b"OK\n"
            return None

    async with running(create_protocol=HealthCheck) as uri:
        answer = await ask(uri, b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nX-Healthy: yes\r\n" in answer
        assert answer.endswith(b"\r\n\r\nOK\n")
        async with websockets.connect(uri) as websocket:
            await websocket.send("Hello")
            assert await websocket.recv() == "Hello"


async def test_buffer_sizes_can_be_set(running: Running) -> None:
    # 3.4: "Made read and write buffer sizes configurable."
    async with (
        running(read_limit=2**10, write_limit=2**11) as uri,
        websockets.connect(uri, read_limit=2**12, write_limit=2**13) as websocket,
    ):
        assert (websocket.read_limit, websocket.write_limit) == (2**12, 2**13)
        assert websocket.transport.get_write_buffer_limits()[1] == 2**13
        await websocket.send("x" * 2**15)
        assert len(await websocket.recv()) == 2**15


async def test_another_status_has_its_code(answering: Answering) -> None:
    # 3.4: "[...] now raises InvalidStatusCode with a code attribute."
    async with answering(b"HTTP/1.1 410 Gone\r\nContent-Length: 0\r\n\r\n") as uri:
        with pytest.raises(websockets.InvalidStatusCode) as info:
            await websockets.connect(uri)
    assert (info.value.code, info.value.status_code) == (410, 410)


async def test_a_socket_can_be_given_to_connect(running: Running) -> None:
    # 3.4: "Providing a sock argument to connect() no longer crashes."
    async with running() as uri:
        host, port = uri[5:-1].split(":")
        sock = socket.create_connection((host, int(port)))
        async with websockets.connect("ws://elsewhere.example/", sock=sock) as websocket:
            await websocket.send("Hello")
            assert await websocket.recv() == "Hello"
            assert websocket.request_headers["Host"] == "elsewhere.example"
