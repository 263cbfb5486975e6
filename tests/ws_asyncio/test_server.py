from __future__ import annotations

import asyncio
import contextlib
import gc
import inspect
import itertools
import logging
import socket
import ssl
import tempfile
from pathlib import Path
from typing import Any, Callable

import pytest

import ws_asyncio
from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServer, WebSocketServerProtocol, connect, serve
from ws_frames import ConnectionClosed, ConnectionClosedOK, encode_frame
from ws_http import Headers, InvalidStatusCode, Request, Subprotocol, build_request

CERTIFICATE = Path(__file__).with_name("localhost.pem")

# What is documented, besides the handler, the host and the port.
DEFAULTS = {
    "create_protocol": None,
    "ping_interval": 20,
    "ping_timeout": 20,
    "close_timeout": 10,
    "max_size": 2**20,
    "max_queue": 2**5,
    "read_limit": 2**16,
    "write_limit": 2**16,
    "compression": "deflate",
    "origins": None,
    "extensions": None,
    "subprotocols": None,
    "extra_headers": None,
    "process_request": None,
    "select_subprotocol": None,
    "open_timeout": 10,
    "max_connections": None,
    "start_serving": True,
}


@pytest.fixture
def tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    return context


async def http_get(server: WebSocketServer, *lines: str) -> bytes:
    """Send a plain HTTP request and read the response to its end."""
    assert server.sockets is not None
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname()[:2])
    request = "\r\n".join([*lines, "Host: localhost", "", ""])
    writer.write(request.encode())
    response = await reader.read()
    writer.close()
    await writer.wait_closed()
    return response


# Arguments


def test_the_arguments_are_the_documented_ones() -> None:
    parameters = inspect.signature(serve).parameters
    assert list(parameters)[:3] == ["ws_handler", "host", "port"]
    defaults = {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert {name: defaults[name] for name in DEFAULTS} == DEFAULTS
    assert set(defaults) - set(DEFAULTS) == {"path", "unix"}  # which unix_serve() gives


async def test_other_arguments_go_to_the_event_loop() -> None:
    async with serve(echo, "localhost", 0, family=socket.AF_INET, backlog=1) as server:
        assert server.sockets is not None
        assert {sock.family for sock in server.sockets} == {socket.AF_INET}
    with pytest.raises(TypeError, match="no_such_argument"):
        await serve(echo, "localhost", 0, no_such_argument=1)


# Life of the server


async def test_awaiting_gives_the_server() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    assert isinstance(server, WebSocketServer)
    assert server.is_serving()
    assert server.get_loop() is asyncio.get_running_loop()
    server.close()
    await server.wait_closed()
    assert not server.is_serving()
    assert server.sockets is None


async def test_the_server_is_a_context_manager_too() -> None:
    async with await serve(echo, "127.0.0.1", 0) as server:
        assert server.is_serving()
    assert not server.is_serving()


async def test_serving_can_start_later() -> None:
    async with serve(echo, "127.0.0.1", 0, start_serving=False) as server:
        assert not server.is_serving()
        await server.start_serving()
        async with connect(uri_of(server)) as ws:
            await ws.send("Hello")
            assert await ws.recv() == "Hello"


async def test_serve_forever_ends_with_a_graceful_shutdown() -> None:
    server = await serve(echo, "127.0.0.1", 0, start_serving=False)
    task = asyncio.ensure_future(server.serve_forever())
    while not server.is_serving():
        await asyncio.sleep(0)
    async with connect(uri_of(server)) as ws:
        task.cancel()
        with pytest.raises(ConnectionClosedOK):
            await ws.recv()
        assert ws.close_code == 1001
    with pytest.raises(asyncio.CancelledError):
        await task
    assert server.connections == set()


async def test_several_hosts() -> None:
    async with serve(echo, ["127.0.0.1", "127.0.0.2"], 0) as server:
        assert server.sockets is not None
        assert len(server.sockets) == 2
        for number in range(2):
            async with connect(uri_of(server, number)) as ws:
                await ws.send("Hello")
                assert await ws.recv() == "Hello"


async def test_a_given_socket() -> None:
    sock = socket.create_server(("127.0.0.1", 0))
    async with serve(echo, sock=sock) as server, connect(uri_of(server)) as ws:
        assert ws.open


async def test_an_existing_unix_socket() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        sock = socket.socket(socket.AF_UNIX)
        sock.bind(path)
        async with ws_asyncio.unix_serve(echo, sock=sock), ws_asyncio.unix_connect(path) as ws:
            assert ws.open


async def test_a_port_in_use_is_an_oserror() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock, pytest.raises(OSError, match="in use"):
        await serve(echo, "127.0.0.1", sock.getsockname()[1])


async def test_cancelling_serve_at_any_step_leaves_nothing_listening() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    for steps in itertools.count():
        task = asyncio.ensure_future(serve(echo, "127.0.0.1", port).__aenter__())
        for _ in range(steps):
            await asyncio.sleep(0)
        if task.done():
            break
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        with socket.create_server(("127.0.0.1", port)):  # nobody has it
            pass
    assert steps > 1
    server = await task
    server.close()
    await server.wait_closed()


# Shutdown


async def test_closing_sends_1001_and_waits_for_the_handlers() -> None:
    returned = []

    async def handler(ws: WebSocketServerProtocol) -> None:
        async for _ in ws:
            pass
        await asyncio.sleep(0)
        returned.append(ws.close_code)

    async with serve(handler, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        server.close()
        await server.wait_closed()
        assert returned == [1001]
        with pytest.raises(ConnectionClosedOK):
            await ws.recv()
        assert (ws.close_code, ws.close_reason) == (1001, "")


async def test_a_socket_that_is_accepted_while_the_server_closes_is_closed_too() -> None:
    for turns in range(6):
        server = await serve(echo, "127.0.0.1", 0)
        assert server.sockets is not None
        with socket.create_connection(server.sockets[0].getsockname()):
            for _ in range(turns):
                await asyncio.sleep(0)
            server.close()
            await server.wait_closed()
            assert not server.connections
    gc.collect()  # a socket that is left open is an error when it goes


async def test_closing_may_say_another_code_and_a_reason() -> None:
    async with serve(echo, "127.0.0.1", 0) as server, connect(uri_of(server)) as ws:
        server.close(1012, "new version")
        with pytest.raises(ConnectionClosed):
            await ws.recv()
        assert (ws.close_code, ws.close_reason) == (1012, "new version")


async def test_handshakes_under_way_get_503() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(b"GET / HTTP/1.1\r\n")
        while not server.connections:
            await asyncio.sleep(0)
        server.close()
        assert (await reader.read()).startswith(b"HTTP/1.1 503 Service Unavailable\r\n")
        writer.close()
        await writer.wait_closed()


async def test_a_silent_connection_does_not_hold_up_the_shutdown() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    assert server.sockets is not None
    _, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    while not server.connections:
        await asyncio.sleep(0)
    server.close()
    await asyncio.wait_for(server.wait_closed(), 5)  # half of what each stage may take
    writer.close()
    await writer.wait_closed()


async def test_handshakes_in_process_request_get_503() -> None:
    entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def process_request(path: str, headers: Headers) -> Any:
        entered.set_result(None)
        await asyncio.get_running_loop().create_future()

    async with serve(echo, "127.0.0.1", 0, process_request=process_request) as server:
        task = asyncio.ensure_future(connect(uri_of(server)).__aenter__())
        await entered
        server.close()
        with pytest.raises(InvalidStatusCode, match="HTTP 503"):
            await task


async def test_a_connection_that_arrives_during_shutdown_gets_503() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    assert server.sockets is not None
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    server.close()
    # It is accepted already, or still in the backlog when the listener closes.
    try:
        response = await reader.read()
    except ConnectionResetError:
        response = b""
    assert response == b"" or response.startswith(b"HTTP/1.1 503 ")
    writer.close()
    await server.wait_closed()


async def test_wait_closed_waits_for_close() -> None:
    server = await serve(echo, "127.0.0.1", 0)
    waiting = asyncio.ensure_future(server.wait_closed())
    async with connect(uri_of(server)):
        await asyncio.sleep(0)
        assert not waiting.done()
        server.close()
        server.close()  # harmless
        await waiting
    assert server.connections == set()


# HTTP


async def test_without_a_subprotocol_in_common_there_is_none() -> None:
    async with serve(echo, "127.0.0.1", 0, subprotocols=[Subprotocol("a")]) as server:
        async with connect(uri_of(server)) as ws:
            assert ws.subprotocol is None
        async with connect(uri_of(server), subprotocols=[Subprotocol("b")]) as ws:
            assert ws.subprotocol is None
            assert "Sec-WebSocket-Protocol" not in ws.response_headers


async def test_plain_http_gets_426_and_a_line_that_explains() -> None:
    async with serve(echo, "127.0.0.1", 0) as server:
        response = await http_get(server, "GET / HTTP/1.1")
    assert response.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert b"\r\nUpgrade: websocket\r\n" in response
    assert b"for WebSocket clients" in response


async def test_a_health_check_over_plain_http() -> None:
    async def process_request(path: str, headers: Headers) -> Any:
        return (200, [("X-Health", "good")], b"OK\n") if path == "/health" else None

    async with serve(echo, "127.0.0.1", 0, process_request=process_request) as server:
        response = await http_get(server, "GET /health HTTP/1.1")
        assert response.startswith(b"HTTP/1.1 200 OK\r\n")
        assert b"\r\nX-Health: good\r\n" in response
        assert response.endswith(b"\r\n\r\nOK\n")
        async with connect(uri_of(server)) as ws:
            assert ws.open


async def test_only_so_many_connections_are_accepted(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="websockets.server")
    async with serve(echo, "127.0.0.1", 0, max_connections=2) as server:
        async with connect(uri_of(server)), connect(uri_of(server)) as second:
            with pytest.raises(InvalidStatusCode, match="HTTP 503") as refused:
                await connect(uri_of(server))
            assert refused.value.body == b"The server is full.\n"
            assert "no connection: the server is full; answered HTTP 503" in caplog.messages
            await second.close()
        while server.connections:
            await asyncio.sleep(0)
        async with connect(uri_of(server)) as ws:
            assert ws.open


async def test_what_comes_before_the_response_waits() -> None:
    proceed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    entered: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def process_request(path: str, headers: Headers) -> None:
        entered.set_result(None)
        await proceed

    async def handler(ws: WebSocketServerProtocol) -> None:
        await ws.send(str(sum([len(await ws.recv()) for _ in range(200)])))

    async with serve(handler, "127.0.0.1", 0, process_request=process_request) as server:
        assert server.sockets is not None
        reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
        writer.write(build_upgrade())
        await entered
        # More than the handshake would keep.
        for _ in range(200):
            writer.write(encode_frame(0x82, bytes(10_000), True))
        (ws,) = server.connections
        while ws.transport.is_reading():
            await asyncio.sleep(0)
        proceed.set_result(None)
        assert (await reader.readuntil(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
        assert await reader.readexactly(9) == b"\x81\x072000000"
        writer.close()


def build_upgrade() -> bytes:
    headers = Headers({"Host": "localhost"})
    build_request(headers)
    return Request("GET", "/", headers).serialize()


# TLS


async def test_tls_is_spoken_where_there_is_a_context(tls: ssl.SSLContext) -> None:
    client = ssl.create_default_context(cafile=str(CERTIFICATE))
    async with serve(echo, "127.0.0.1", 0, ssl=tls) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        async with connect(f"wss://localhost:{port}", host="127.0.0.1", ssl=client) as ws:
            await ws.send("x" * 100_000)
            assert await ws.recv() == "x" * 100_000
            assert ws.transport.get_extra_info("ssl_object") is not None


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


# A loop that runs a step at a time


def test_a_server_may_be_closed_while_its_loop_is_not_running(
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    loop = loops("asyncio")

    async def start() -> WebSocketServer:
        return await serve(echo, "127.0.0.1", 0)

    server = loop.run_until_complete(start())
    server.close()
    loop.run_until_complete(server.wait_closed())
    assert server.sockets is None


@pytest.mark.parametrize(
    ("read_limit", "least", "most"),
    [(0, 1, 1), (1000, 1000, 1000), (2**16, 2**16, 2**18)],
)
async def test_a_large_message_is_read_by_up_to_four_times_the_limit(
    monkeypatch: pytest.MonkeyPatch, read_limit: int, least: int, most: int
) -> None:
    monkeypatch.setattr("ws_asyncio.transports.chosen", "loop")
    sizes: list[int] = []

    class Noting(WebSocketServerProtocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self.note()

        def _receive_slowly(self, data: bytes) -> None:
            super()._receive_slowly(data)
            self.note()

        def note(self) -> None:
            transport: Any = self.transport  # of asyncio's own, which has such a size
            sizes.append(transport.max_size)

    options: dict[str, Any] = {"read_limit": read_limit, "compression": None}
    server = await serve(echo, "127.0.0.1", 0, create_protocol=Noting, **options)
    async with server, connect(uri_of(server)) as ws:
        # The reads of a large one may be larger from the first on that is full.
        for message in ("x" * 20_000, "x" * 2**20, "x"):
            await ws.send(message)
            assert await ws.recv() == message
    assert sizes[0] == least
    assert max(sizes) <= most
