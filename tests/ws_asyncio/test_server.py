"""Servers: their arguments, their life, and what else than WebSockets is asked of them."""

from __future__ import annotations

import asyncio
import inspect
import itertools
import logging
import socket
import tempfile
from pathlib import Path
from typing import Any

import pytest

import ws_asyncio
from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import WebSocketServer, WebSocketServerProtocol, connect, serve
from ws_frames import ConnectionClosedOK, encode_frame
from ws_http import Headers, InvalidStatusCode, Request, Subprotocol, build_request

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
