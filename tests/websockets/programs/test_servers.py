"""Servers that use nothing deprecated, each with a client of its time."""

from __future__ import annotations

import asyncio
import json
import signal
import socket
import ssl
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.conftest import TakePort
    from tests.websockets.programs.conftest import RunServer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends the programs")

CERTIFICATE = Path(__file__).parents[2] / "ws_asyncio" / "localhost.pem"


async def get(uri: str, path: str) -> bytes:
    """What an HTTP client gets."""
    host, _, port = uri.partition("://")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    return answer


async def talk(uri: str, *messages: str) -> list[Any]:
    """What a client gets that sends one message after the other."""
    async with websockets.connect(uri) as websocket:
        answers = []
        for message in messages:
            await websocket.send(message)
            answers.append(await websocket.recv())
        return answers


async def test_echo(run_server: RunServer) -> None:
    async with run_server("v3/echo_server.py") as program:
        uri = await program.uri()
        assert await talk(uri, "one", "two") == ["one", "two"]
        assert await talk(uri, "again") == ["again"]


async def test_hello(run_server: RunServer) -> None:
    async with run_server("v3/hello_server.py") as program:
        async with websockets.connect(await program.uri()) as websocket:
            await websocket.send("Ada")
            assert [message async for message in websocket] == ["Hello Ada!"]
        assert await program.line() == "< Ada"
        assert await program.line() == "> Hello Ada!"


async def test_both_ways_at_once(run_server: RunServer) -> None:
    async with run_server("v3/both_server.py") as program:
        async with websockets.connect(await program.uri()) as websocket:
            for number in (7, 8):
                await websocket.send(str(number))
            assert await websocket.recv() == "7 squared is 49"
            assert await websocket.recv() == "8 squared is 64"
        assert await program.line() == "ConnectionClosedOK"


async def test_chat(run_server: RunServer) -> None:
    async with run_server("v4/chat_server.py") as program:
        uri = await program.uri()
        async with websockets.connect(uri + "/ada") as ada:
            assert await ada.recv() == "1 here"
            async with websockets.connect(uri + "/grace") as grace:
                assert await ada.recv() == await grace.recv() == "2 here"
                await grace.send("Hello")
                assert await ada.recv() == await grace.recv() == "grace: Hello"
            assert await ada.recv() == "1 here"


async def test_compression_with_settings(run_server: RunServer) -> None:
    async with (
        run_server("v4/deflate_server.py") as program,
        websockets.connect(await program.uri()) as websocket,
    ):
        assert await program.line() == "permessage-deflate"
        agreed = websocket.response_headers["Sec-WebSocket-Extensions"]
        assert "server_max_window_bits=11" in agreed
        assert "client_max_window_bits=11" in agreed
        await websocket.send("spam " * 10)
        assert await websocket.recv() == "spam " * 1000


async def test_unix_socket(run_server: RunServer, tmp_path: Path) -> None:
    path = tmp_path / "socket"
    async with run_server("v4/unix_server.py", path) as program:
        assert await program.line() == "ready"
        async with websockets.unix_connect(str(path), "ws://localhost/here") as websocket:
            await websocket.send("Ada")
            assert await websocket.recv() == "Hello Ada at /here!"


async def test_secure(run_server: RunServer, take_port: TakePort) -> None:
    port = take_port()
    context = ssl.create_default_context(cafile=CERTIFICATE)
    async with run_server("v4/secure_server.py", CERTIFICATE, port) as program:
        assert await program.line() == "ready"
        async with websockets.connect(f"wss://localhost:{port}", ssl=context) as websocket:
            await websocket.send("Ada")
            assert await websocket.recv() == "Hello Ada!"


async def test_a_thread_of_its_own(run_server: RunServer) -> None:
    async with (
        run_server("v4/thread_server.py") as program,
        websockets.connect(await program.uri()) as websocket,
    ):
        program.type("Hello\n")
        assert await websocket.recv() == "Hello"
        assert await program.line() == "sent to 1"
        assert await program.end(0) == []
        with pytest.raises(websockets.ConnectionClosed, match="code = 1001"):
            await websocket.recv()


@pytest.mark.parametrize("name", ["v4/shutdown_server.py", "v7/shutdown_server.py"])
async def test_shutdown_on_sigterm(run_server: RunServer, name: str) -> None:
    async with (
        run_server(name) as program,
        websockets.connect(await program.uri()) as websocket,
    ):
        await (await websocket.ping())
        end = asyncio.ensure_future(program.end(0, number=signal.SIGTERM))
        with pytest.raises(websockets.ConnectionClosedOK, match="code = 1001"):
            await websocket.recv()
        assert await end == ["closed with 1001", "clean"]


async def test_routes_and_the_interrupt_key(run_server: RunServer) -> None:
    async with run_server("v5/routes_server.py") as program:
        uri = await program.uri()
        async with websockets.connect(uri + "/year") as websocket:
            assert [message async for message in websocket] == ["2018"]
        answers = await talk(uri + "/sum", '{"value": 3}', '{"value": 4}')
        assert [json.loads(answer)["total"] for answer in answers] == [3, 7]
        async with websockets.connect(uri + "/nowhere") as websocket:
            with pytest.raises(websockets.ConnectionClosedError, match=r"4004.*no such route"):
                await websocket.recv()
        assert await program.end(0, number=signal.SIGINT) == ["interrupted"]


async def test_counter(run_server: RunServer) -> None:
    async with run_server("v7/counter_server.py") as program:
        uri = await program.uri()
        async with websockets.connect(uri) as one, websockets.connect(uri) as two:

            async def until(websocket: Any, **event: Any) -> None:
                while json.loads(await websocket.recv()) != event:
                    pass

            await until(one, type="users", count=2)
            await until(two, type="state", value=0)
            await one.send('{"action": "plus"}')
            await two.send('{"action": "plus"}')
            for websocket in (one, two):
                await until(websocket, type="state", value=2)
            await two.close()
            await until(one, type="users", count=1)


async def test_factories_and_handlers_with_more_arguments(run_server: RunServer) -> None:
    async with run_server("v7/partial_server.py") as program:
        assert await talk(await program.uri(), "Ada") == ["Welcome, Ada!!!"]


async def test_cancelled_as_before_7_0(run_server: RunServer) -> None:
    async with run_server("v7/cancelled_server.py") as program:
        async with websockets.connect(await program.uri()) as websocket:
            assert await websocket.recv() == "waiting"
        assert await program.line() == "cancelled"


async def test_several_hosts(run_server: RunServer) -> None:
    hosts = ["127.0.0.1", "::1"]
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        hosts = ["127.0.0.1", "127.0.0.2"]  # there is no IPv6
    async with run_server("v7/hosts_server.py", *hosts) as program:
        for _ in hosts:
            host, port = (await program.line()).split()
            literal = f"[{host}]" if ":" in host else host
            async with websockets.connect(f"ws://{literal}:{port}") as websocket:
                assert await websocket.recv() == host


async def test_basic_auth(run_server: RunServer) -> None:
    async with run_server("v8/auth_server.py") as program:
        uri = await program.uri()
        known = uri.replace("://", "://mary:p%40ssw0rd@")
        async with websockets.connect(known) as websocket:
            assert await websocket.recv() == "Hello mary!"
        with pytest.raises(websockets.InvalidStatusCode, match="HTTP 401"):
            await websockets.connect(uri)


@pytest.mark.parametrize(
    ("name", "path", "status"),
    [
        ("v8/health_server.py", "/health/", -signal.SIGTERM),
        ("v8/health_argument_server.py", "/healthz", 0),
    ],
)
async def test_health_check(run_server: RunServer, name: str, path: str, status: int) -> None:
    async with run_server(name) as program:
        uri = await program.uri()
        answer = await get(uri, path)
        assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
        assert answer.endswith(b"\r\n\r\nOK\n")
        assert (await get(uri, "/")).startswith(b"HTTP/1.1 426 ")
        assert await talk(uri, "one") == ["one"]
        assert await program.end(status, number=signal.SIGTERM) == []


async def test_broadcast(run_server: RunServer) -> None:
    async with run_server("v8/broadcast_server.py") as program:
        uri = await program.uri()
        async with websockets.connect(uri) as one:
            async with websockets.connect(uri) as two:
                first = int(await two.recv())
                assert int(await two.recv()) == first + 1
            while int(await one.recv()) < first + 3:
                pass


async def test_headers_that_depend_on_the_request(run_server: RunServer) -> None:
    async with run_server("v8/headers_server.py") as program:
        uri = await program.uri()
        async with websockets.connect(uri) as websocket:
            assert await websocket.recv() == "first visit"
            cookie = websocket.response_headers["Set-Cookie"]
        again = {"Cookie": cookie}
        origin: Any = "http://localhost"
        async with websockets.connect(uri, extra_headers=again, origin=origin) as websocket:
            assert await websocket.recv() == "visited=1"
            assert "Set-Cookie" not in websocket.response_headers
        with pytest.raises(websockets.InvalidStatusCode, match="HTTP 403"):
            await websockets.connect(uri, origin=websockets.Origin("http://elsewhere"))
        async with websockets.connect(uri + "/oops") as websocket:
            with pytest.raises(websockets.ConnectionClosedError, match="code = 1011"):
                await websocket.recv()
        while await program.line() != "RuntimeError: oops":  # at the end of a traceback
            pass
