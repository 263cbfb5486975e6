"""Programs that use what is deprecated today: they work, and are told, line by line."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.conftest import TakePort
    from tests.websockets.programs.conftest import RunClient, RunServer, Serving

servers = pytest.mark.skipif(sys.platform == "win32", reason="SIGTERM ends the programs")


def old(path: str, instead: str) -> str:
    return f"websockets.{path} is deprecated; use {instead}"


LEGACY_RECV = "legacy_recv is deprecated; catch ConnectionClosed"
KLASS = "the argument klass is deprecated; use create_protocol"
TIMEOUT = "the argument timeout is deprecated; use close_timeout"
LOOP = "the argument loop is deprecated; leave it out, and let that loop run this"
PORT = "port is deprecated; use remote_address[1] in a client, local_address[1] in a server"
# At the decorator, or the line below it where it is Python's own.
GENERATOR = (
    "",
    '"@coroutine" decorator is deprecated since Python 3.8, use "async def" instead',
)
WAIT = (
    "The explicit passing of coroutine objects to asyncio.wait() is deprecated since Python 3.8, "
    "and scheduled for removal in Python 3.11."
)
QUEUE = "max_queue=0 is deprecated; use max_queue=None"


async def echo(websocket: Any, path: str) -> None:
    async for message in websocket:
        await websocket.send(message)


async def test_yield_from(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        warned = [
            ("yield from websockets.connect(uri)", "yield from connect() is deprecated; use await")
        ]
        output = await run_client("v2/generator_client.py", uri, warned=warned)
    assert output == ["> Ada", "< Ada"]


async def test_a_client_made_of_generators(run_client: RunClient, serving: Serving) -> None:
    async with serving(echo) as uri:
        warned = [
            GENERATOR,
            ("yield from websockets.connect(", "yield from connect() is deprecated; use await"),
        ]
        output = await run_client("v1/hello_client.py", uri, warned=warned)
    assert output == ["> Ada", "< Ada"]


@servers
async def test_a_server_made_of_generators(run_server: RunServer) -> None:
    warned = [GENERATOR]
    async with run_server("v1/hello_server.py", warned=warned) as program:
        async with websockets.connect(await program.uri()) as websocket:
            await websocket.send("Ada")
            assert await websocket.recv() == "Hello Ada!"
        assert await program.line() == "< Ada"
        assert await program.line() == "> Hello Ada!"


@servers
async def test_coroutines_that_are_waited_for_at_once(run_server: RunServer) -> None:
    warned = [("await asyncio.wait([user.send(message)", WAIT)]
    async with run_server("v6/notify_server.py", warned=warned) as program:
        uri = await program.uri()
        async with websockets.connect(uri) as one, websockets.connect(uri) as two:
            await (await one.ping())
            await (await two.ping())
            for message in ("Hello", "Bye"):
                await one.send(message)
                assert [await one.recv(), await two.recv()] == [message] * 2


@servers
async def test_a_server_whose_recv_gives_none(run_server: RunServer, take_port: TakePort) -> None:
    port = take_port()
    warned = [("start_server = websockets.serve(", LEGACY_RECV)]
    async with run_server("v2/none_server.py", port, warned=warned) as program:
        assert await program.line() == "ready"
        async with websockets.connect(f"ws://127.0.0.1:{port}/ada") as websocket:
            await websocket.send("Hello")
            assert await websocket.recv() == "HELLO"
        assert await program.line() == "/ada: bye"


async def test_a_client_whose_recv_gives_none(run_client: RunClient, serving: Serving) -> None:
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")

    warned = [
        ("await websockets.connect(", LEGACY_RECV),
        ("websocket.state_name", "state_name is deprecated; use state.name"),
    ]
    async with serving(handler) as uri:
        output = await run_client("v2/none_client.py", uri, warned=warned)
    assert output == ["Hello", "closed 1000 CLOSED"]


@servers
async def test_a_server_with_the_arguments_of_3_2(
    run_server: RunServer, take_port: TakePort
) -> None:
    port = take_port()
    warned = [("websockets.serve(", text) for text in (KLASS, TIMEOUT, LOOP, QUEUE)]
    async with run_server("v3/klass_server.py", port, warned=warned) as program:
        assert await program.line() == "ready"
        async with websockets.connect(f"ws://127.0.0.1:{port}") as websocket:
            for number in (1, 2):
                await websocket.send("Hello")
                assert await websocket.recv() == f"{number} Hello"


async def test_a_client_with_the_arguments_of_3_2(run_client: RunClient, serving: Serving) -> None:
    secure = 'secure is deprecated; use transport.get_extra_info("ssl_object")'
    warned = [
        *(("websockets.connect(", text) for text in (KLASS, TIMEOUT, LOOP)),
        ("websocket.port", PORT),
        ("websocket.secure", secure),
    ]
    async with serving(echo) as uri:
        output = await run_client("v3/klass_client.py", uri, warned=warned)
    assert output == ["HELLO", f"server at port {uri.rpartition(':')[2]} plain"]


async def test_a_client_of_functions(run_client: RunClient, serving: Serving) -> None:
    function = "a function, is deprecated; pass ws_http.Headers"
    warned = [
        ("import OP_TEXT, Frame", old("framing.Frame", "ws_frames.Frame")),
        ("import OP_TEXT, Frame", old("framing.OP_TEXT", "ws_frames.Opcode.TEXT")),
        ("import build_request", old("handshake.build_request", "ws_http.build_request")),
        ("import build_request", old("handshake.check_response", "ws_http.check_response")),
        ("import parse_uri", old("uri.parse_uri", "ws_http.parse_uri")),
        ("build_request(request", f"passing set_header, {function}"),
        ("check_response(lambda", f"passing get_header, {function}"),
    ]
    async with serving(echo, compression=None) as uri:
        output = await run_client("v5/handshake_client.py", uri, warned=warned)
    assert output == ["HTTP/1.1 101 Switching Protocols", "True Hello"]


@servers
async def test_a_server_of_functions(run_server: RunServer) -> None:
    op_close = old("framing.OP_CLOSE", "ws_frames.Opcode.CLOSE")
    handshake = "websockets.handshake."
    warned = [
        ("from websockets.http import", old("http.Headers", "websockets.Headers")),
        ("http.read_request", old("http.read_request", "ws_http.RequestParser")),
        (f"{handshake}check_request", old("handshake.check_request", "ws_http.check_request")),
        (f"{handshake}build_response", old("handshake.build_response", "ws_http.build_response")),
        ("framing.Frame.read", old("framing.Frame", "ws_frames.Frame")),
        ("framing.parse_close", old("framing.parse_close", "ws_frames.Close.parse")),
        ("framing.serialize_close", old("framing.serialize_close", "ws_frames.Close.serialize")),
        ("framing.OP_CLOSE", op_close),
        ("framing.OP_CLOSE", op_close),
    ]
    async with run_server("v6/library_server.py", warned=warned) as program:
        async with websockets.connect(await program.uri()) as websocket:
            assert websocket.response_headers["Server"] == "library"
            await websocket.send("Hello")
            assert await websocket.recv() == "Hello"
            await websocket.close(1001)
        assert await program.line() == "closed 1001"


@servers
async def test_basic_auth_by_hand(run_server: RunServer) -> None:
    text = "process_request() as a function is deprecated; define it with async def"
    warned = [("class AuthProtocol", text)]
    async with run_server("v6/auth_server.py", warned=warned) as program:
        uri = await program.uri()
        for user, status in [("", 401), ("ada:guess@", 403)]:
            with pytest.raises(websockets.InvalidStatusCode, match=f"HTTP {status}"):
                await websockets.connect(uri.replace("://", f"://{user}"))
        async with websockets.connect(uri.replace("://", "://ada:iloveyou@")) as websocket:
            assert await websocket.recv() == "Hello ada!"


@servers
async def test_hooks_of_a_subclass(run_server: RunServer) -> None:
    warned = [("http.Headers", old("http.Headers", "websockets.Headers"))]
    async with run_server("v6/subprotocol_server.py", warned=warned) as program:
        uri = await program.uri()
        protocols: Any = ["chat.v1", "chat.v2", "chat.v3"]
        headers = {"X-Token": "s3cret"}
        connect = websockets.connect(uri, subprotocols=protocols, extra_headers=headers)
        async with connect as websocket:
            assert await websocket.recv() == "chat.v2 s3cret"
        with pytest.raises(websockets.InvalidStatusCode, match="HTTP 404") as info:
            await websockets.connect(uri + "/closed")
        assert info.value.headers["X-Why"] == "closed"


@servers
async def test_a_health_check_that_is_a_function(run_server: RunServer) -> None:
    text = "process_request as a function is deprecated; define it with async def"
    warned = [("start_server = websockets.serve(", text)]
    async with run_server("v7/health_server.py", warned=warned) as program:
        uri = await program.uri()
        reader, writer = await asyncio.open_connection(*uri.partition("://")[2].split(":"))
        writer.write(b"GET /health/ HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert (await reader.read()).startswith(b"HTTP/1.1 200 OK\r\n")
        writer.close()
        async with websockets.connect(uri) as websocket:
            await websocket.send("Hello")
            assert await websocket.recv() == "Hello"


@servers
async def test_the_paths_of_9_0(run_server: RunServer) -> None:
    name = "WebSocketCommonProtocol"
    warned = [
        ("legacy.protocol", old(f"legacy.protocol.{name}", f"websockets.{name}")),
        *(
            ("legacy.server", old(f"legacy.server.{each}", f"websockets.{each}"))
            for each in ("WebSocketServerProtocol", "serve")
        ),
    ]
    async with run_server("v9/legacy_server.py", warned=warned) as program:
        async with websockets.connect(await program.uri()) as websocket:
            assert [message async for message in websocket] == ["True", "True"]
        assert await program.end(-signal.SIGTERM, number=signal.SIGTERM) == []


def test_each_program_is_run() -> None:
    folder = Path(__file__).parent
    sources = "".join(path.read_text(encoding="utf-8") for path in folder.glob("test_*.py"))
    programs = {path.relative_to(folder).as_posix() for path in folder.glob("v*/*.py")}
    assert programs == set(re.findall(r'"(v\d/\w+\.py)"', sources))
