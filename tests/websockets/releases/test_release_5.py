"""5.0 and 5.0.1, of May 22 and 24, 2018."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import tempfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets
from ws_http import build_basic_auth, build_request

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Ask, Running


async def test_a_bomb_is_refused(running: Running) -> None:
    # 5.0: "Version 4.0 was vulnerable to denial of service by memory exhaustion because it
    # didn't enforce max_size when decompressing compressed messages (CVE-2018-1000518)."
    assert len(zlib.compress(bytes(2**24))) < 2**15
    async with running() as uri, websockets.connect(uri) as websocket:
        await websocket.send(bytes(2**24))
        with pytest.raises(websockets.ConnectionClosed, match="code = 1009"):
            await websocket.recv()


def test_a_uri_has_five_fields_the_last_of_them_for_the_user() -> None:
    # 5.0: "adds a user_info field to the return value of parse_uri() and WebSocketURI. [...]
    # If you're unpacking WebSocketURI into four variables, adjust your code".
    with pytest.deprecated_call():
        secure, host, port, resource_name, user_info = websockets.parse_uri(
            "wss://ada:secret@example.com/path?query"
        )
    assert (secure, host, port) == (True, "example.com", 443)
    assert (resource_name, user_info) == ("/path?query", ("ada", "secret"))
    with pytest.deprecated_call():
        uri = websockets.WebSocketURI(False, "example.com", 80, "/", None)
    assert uri.user_info is None


async def test_credentials_in_the_uri_are_sent(running: Running) -> None:
    # 5.0: "connect() performs HTTP Basic Auth when the URI contains credentials."
    async with (
        running() as uri,
        websockets.connect(uri.replace("//", "//ada:secret@")) as websocket,
    ):
        sent = websocket.request_headers["Authorization"]
    assert sent == build_basic_auth("ada", "secret")


async def test_iteration_ends_on_1001(running: Running) -> None:
    # 5.0: "Iterating on incoming messages no longer raises an exception when the connection
    # terminates with close code 1001 (going away)."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")
        await websocket.close(1001)

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        assert [message async for message in websocket] == ["Hello"]


async def test_a_plain_request_gets_426(
    running: Running, ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    # 5.0: "A plain HTTP request now receives a 426 Upgrade Required response and doesn't log
    # a stack trace."
    async with running() as uri:
        answer = await ask(uri, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 426 Upgrade Required\r\n")
    assert b"\r\nUpgrade: websocket\r\n" in answer
    assert [record for record in caplog.records if record.exc_info] == []


async def test_unix_serve_is_a_context_manager() -> None:
    # 5.0: "unix_serve() can be used as an asynchronous context manager".
    async def handler(websocket: Any, path: str) -> None: ...

    with tempfile.TemporaryDirectory() as folder:
        async with websockets.unix_serve(handler, str(Path(folder, "socket"))) as server:
            assert server.is_serving()


async def test_a_connection_is_closed_at_the_end(running: Running) -> None:
    # 5.0: "Added the closed property to protocols."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        assert not websocket.closed
        await websocket.close()
        assert websocket.closed


async def test_the_cause_of_the_end_is_reported(running: Running) -> None:
    # 5.0: "Reported the cause of ConnectionClosed exceptions."
    async with running() as uri:
        websocket = await websockets.connect(uri, max_size=1)
        await websocket.send("too long")
        with pytest.raises(websockets.ConnectionClosedError) as info:
            await websocket.recv()
    assert isinstance(info.value.__cause__, websockets.PayloadTooBig)


async def test_a_close_frame_without_a_code_is_1005(running: Running) -> None:
    # 5.0: "Fixed missing close code, which caused TypeError on connection close."
    ends: list[Any] = []

    async def handler(websocket: Any, path: str) -> None:
        await websocket.wait_closed()
        ends.append(websocket.close_code)

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        await websocket.close(1005)
    assert ends == [1005]


async def test_both_may_close_at_a_time(running: Running) -> None:
    # 5.0: "Fixed a race condition in the closing handshake that raised InvalidState."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.recv()
        await websocket.close(4001)

    async with running(handler) as uri:
        for _ in range(20):
            websocket = await websockets.connect(uri)
            await websocket.send("close")
            await asyncio.gather(websocket.close(4000), websocket.close(4000))
            assert websocket.close_code in (4000, 4001)


async def test_a_tcp_connection_that_dies_leaves_no_stack_trace(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 5.0: "Stopped logging stack traces when the TCP connection dies prematurely."
    async with running() as uri:
        websocket = await websockets.connect(uri)
        websocket.transport.abort()
        await websocket.wait_closed()
        host, port = uri[5:-1].split(":")
        _, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET / HTTP/1.1\r\n")
        writer.close()
    gc.collect()
    assert [record for record in caplog.records if record.exc_info] == []


async def test_nothing_is_written_to_a_tcp_connection_that_has_failed(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 5.0: "Prevented writing to a closing TCP connection during unclean shutdowns."
    opened, reset = asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def burst(websocket: Any, path: str) -> None:
        opened.set()
        await reset.wait()
        try:
            for _ in range(100):  # in the turn in which the first write fails
                await websocket.send("x")
            await websocket.wait_closed()
            await websocket.send("x")
        except websockets.ConnectionClosedError:
            ended.append(path)

    async with running(burst) as uri:
        host, port = uri[5:-1].split(":")
        headers = websockets.Headers({"Host": host})
        build_request(headers)
        with socket.create_connection((host, int(port))) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            sock.sendall(b"GET / HTTP/1.1\r\n" + headers.serialize())
            await opened.wait()
        reset.set()  # TCP is, by now
    assert ended == ["/"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


async def test_these_invocations_work(running: Running) -> None:
    # 5.0.1: "Fixed a regression in 5.0 that broke some invocations of serve() and connect()."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(path)

    invocations: Any = [
        ((handler, "127.0.0.1", 0), {}),
        ((handler,), {"host": "127.0.0.1", "port": 0}),
        ((), {"ws_handler": handler, "host": "127.0.0.1", "port": 0}),
        ((handler, ["127.0.0.1"], 0), {"backlog": 5}),
        ((handler, "127.0.0.1"), {"port": 0, "create_protocol": None}),
    ]
    for arguments, options in invocations:
        async with websockets.serve(*arguments, **options) as server:
            assert server.sockets
            host, port = server.sockets[0].getsockname()
            for uri, more in [
                (f"ws://{host}:{port}/path", {}),
                (f"ws://{host}:{port}/path", {"create_protocol": None, "ssl": None}),
                ("ws://elsewhere.example/path", {"host": host, "port": port}),
            ]:
                async with websockets.connect(uri, **more) as websocket:
                    assert await websocket.recv() == "/path"
