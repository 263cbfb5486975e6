"""8.0 to 8.1, of July 7 to November 1, 2019."""

from __future__ import annotations

import asyncio
import inspect
import logging
import socket
import tempfile
from collections.abc import AsyncIterator
from importlib.metadata import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets
from ws_http import build_basic_auth

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Answering, Ask, Running

PACKAGES = ["ws_frames", "ws_http", "ws_deflate", "ws_asyncio", "ws_compat", "websockets"]


# Python


@pytest.mark.parametrize("package", PACKAGES)
def test_old_releases_of_python_are_not_supported(package: str) -> None:
    # 8.0: "Version 8.0 drops compatibility with Python 3.4 and 3.5."; 4.0: that with 3.3.
    # 8.1 added 3.8, whose own support has ended since.
    assert metadata(package.replace("_", "-"))["Requires-Python"] == ">=3.9"


@pytest.mark.parametrize("package", PACKAGES)
def test_all_packages_have_type_hints(package: str) -> None:
    # 8.0: "Added type hints (PEP 484)."
    spec = find_spec(package)
    assert spec is not None
    assert spec.origin is not None
    assert Path(spec.origin).with_name("py.typed").exists()


def test_what_is_public_is_annotated() -> None:
    # 8.0: "Added type hints (PEP 484)."
    with pytest.deprecated_call():
        public = {name: getattr(websockets, name) for name in websockets.__all__}
    # Up to Python 3.9 a NewType is a function, of typing.
    functions = {
        name: each
        for name, each in public.items()
        if inspect.isfunction(each) and not hasattr(each, "__supertype__")
    }
    for name, each in public.items():
        if inspect.isclass(each) and each.__module__.startswith("ws_"):
            members = inspect.getmembers(each, inspect.isfunction)
            functions.update(
                (f"{name}.{member}", function)
                for member, function in members
                if function.__module__.startswith("ws_") and not member.startswith("_")
            )
    assert len(functions) > 60
    bare = []
    for name, function in functions.items():
        signature = inspect.signature(function)
        arguments = list(signature.parameters.values())
        if "." in name and arguments[:1] and arguments[0].name in ("self", "cls"):
            del arguments[0]
        if signature.return_annotation is signature.empty or any(
            argument.annotation is argument.empty for argument in arguments
        ):
            bare.append(name)
    assert bare == []


# Backwards-incompatible changes


class Coroutine(websockets.WebSocketServerProtocol):
    async def process_request(self, path: str, request_headers: websockets.Headers) -> Any:
        return 418, [], b""


async def test_process_request_is_a_coroutine(running: Running) -> None:
    # 8.0: "Version 8.0 expects process_request to be a coroutine."
    async def process_request(path: str, request_headers: websockets.Headers) -> Any:
        return 418, [], b""

    options: Any
    for options in ({"process_request": process_request}, {"create_protocol": Coroutine}):
        async with running(**options) as uri:
            with pytest.raises(websockets.InvalidStatusCode, match="418"):
                await websockets.connect(uri)


async def test_a_function_still_works(running: Running) -> None:
    # 8.0: "For backwards compatibility, functions are still mostly supported"
    def process_request(path: str, request_headers: websockets.Headers) -> Any:
        return 418, [], b""

    with pytest.deprecated_call(match="define it with async def"):

        class Function(websockets.WebSocketServerProtocol):
            def process_request(self, path: str, request_headers: websockets.Headers) -> Any:
                return 418, [], b""

    async with running(create_protocol=Function) as uri:
        with pytest.raises(websockets.InvalidStatusCode, match="418"):
            await websockets.connect(uri)
    with pytest.deprecated_call(match="define it with async def"):
        async with running(process_request=process_request) as uri:
            with pytest.raises(websockets.InvalidStatusCode, match="418"):
                await websockets.connect(uri)


async def test_the_argument_wins_over_the_method(running: Running) -> None:
    # 8.0: "If you're passing a process_request argument [...], or if you're overriding
    # process_request() in a subclass": the method of a subclass asks the argument.
    async def process_request(path: str, request_headers: websockets.Headers) -> Any:
        return 410, [], b""

    class Asking(websockets.WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: websockets.Headers) -> Any:
            return await super().process_request(path, request_headers)

    async with running(create_protocol=Asking, process_request=process_request) as uri:
        with pytest.raises(websockets.InvalidStatusCode, match="410"):
            await websockets.connect(uri)


async def test_an_unbounded_queue_is_none_and_was_zero(running: Running) -> None:
    # 8.0: "If you were setting max_queue=0 to make the queue of incoming messages unbounded,
    # change it to max_queue=None."
    async def burst(websocket: Any, path: str) -> None:
        for _ in range(100):
            await websocket.send("x")

    async with running(burst, max_queue=None) as uri:
        async with websockets.connect(uri, max_queue=None) as websocket:
            assert websocket.max_queue is None
            assert [message async for message in websocket] == ["x"] * 100
        with pytest.deprecated_call(match="max_queue=0 is deprecated; use max_queue=None"):
            websocket = await websockets.connect(uri, max_queue=0)
        assert websocket.max_queue is None
        assert [message async for message in websocket] == ["x"] * 100


async def test_host_port_and_secure_are_deprecated(running: Running) -> None:
    # 8.0: "Use local_address in servers and remote_address in clients instead of host and port."
    async with running() as uri, websockets.connect(uri) as websocket:
        with pytest.deprecated_call(match=r"use remote_address\[1\]"):
            assert websocket.port == websocket.remote_address[1]
        with pytest.deprecated_call(match=r"use remote_address\[0\]"):
            assert websocket.host == "127.0.0.1"
        with pytest.deprecated_call(match="secure is deprecated"):
            assert not websocket.secure


def test_an_exception_was_renamed() -> None:
    # 8.0: "Version 8.0 renames the WebSocketProtocolError exception to ProtocolError. A
    # WebSocketProtocolError alias provides backwards compatibility."
    # 8.0.1: "Restored the ability to import WebSocketProtocolError from websockets."
    with pytest.deprecated_call(match="use ws_frames.ProtocolError"):
        from websockets import WebSocketProtocolError
    assert WebSocketProtocolError is websockets.ProtocolError
    with pytest.deprecated_call():
        assert websockets.exceptions.WebSocketProtocolError is websockets.ProtocolError


@pytest.mark.filterwarnings("ignore:websockets.http:DeprecationWarning")
async def test_read_response_gives_the_reason_too() -> None:
    # 8.0: "Version 8.0 adds the reason phrase to the return type of the low-level API
    # read_response()."
    from websockets.http import read_response

    stream = asyncio.StreamReader()
    stream.feed_data(b"HTTP/1.1 404 Not Found\r\nServer: x\r\n\r\n")
    status, reason, headers = await read_response(stream)
    assert (status, reason, headers["Server"]) == (404, "Not Found", "x")


# Additions


async def test_bytes_like_objects_are_sent(running: Running) -> None:
    # 8.0: "send(), ping(), and pong() support bytes-like types bytearray and memoryview"
    async with running() as uri, websockets.connect(uri) as websocket:
        data: Any
        for data in (bytearray(b"ab"), memoryview(b"ab")):
            await websocket.send(data)
            assert await websocket.recv() == b"ab"
            await (await websocket.ping(data))
            await websocket.pong(data)


async def test_the_end_is_told_apart_from_an_error(running: Running) -> None:
    # 8.0: "Added ConnectionClosedOK and ConnectionClosedError subclasses of ConnectionClosed"
    async def handler(websocket: Any, path: str) -> None:
        await websocket.close(int(path[1:]))

    async with running(handler) as uri:
        for code, kind in [
            (1000, websockets.ConnectionClosedOK),
            (1001, websockets.ConnectionClosedOK),
            (1002, websockets.ConnectionClosedError),
            (4000, websockets.ConnectionClosedError),
        ]:
            async with websockets.connect(f"{uri}{code}") as websocket:
                with pytest.raises(websockets.ConnectionClosed) as info:
                    await websocket.recv()
                assert type(info.value) is kind


async def test_basic_auth_is_enforced(running: Running) -> None:
    # 8.0: "Added basic_auth_protocol_factory() to enforce HTTP Basic Auth on the server side."
    factory = websockets.basic_auth_protocol_factory("realm", ("ada", "secret"))
    async with running(create_protocol=factory) as uri:
        async with websockets.connect(uri.replace("//", "//ada:secret@")):
            pass
        with pytest.raises(websockets.InvalidStatusCode, match="401") as info:
            await websockets.connect(uri)
        assert info.value.headers["WWW-Authenticate"] == 'Basic realm="realm", charset="UTF-8"'
        bad = {"Authorization": build_basic_auth("ada", "guess")}
        with pytest.raises(websockets.InvalidStatusCode, match="401"):
            await websockets.connect(uri, extra_headers=bad)


async def test_redirects_are_followed(running: Running, answering: Answering) -> None:
    # 8.0: "connect() handles redirects from the server during the handshake."
    async with running() as uri:
        location = f"Location: {uri}\r\nContent-Length: 0\r\n\r\n".encode()
        async with (
            answering(b"HTTP/1.1 302 Found\r\n" + location) as other,
            websockets.connect(other) as websocket,
        ):
            assert websocket.remote_address[1] == int(uri[:-1].rpartition(":")[2])


async def test_host_and_port_can_be_overridden(running: Running) -> None:
    # 8.0: "connect() supports overriding host and port."
    async with running() as uri:
        host, port = uri[5:-1].split(":")
        async with websockets.connect("ws://example.com/", host=host, port=int(port)) as websocket:
            assert websocket.request_headers["Host"] == "example.com"


async def test_a_client_connects_to_a_unix_socket() -> None:
    # 8.0: "Added unix_connect() for connecting to Unix sockets."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.send("Hello")

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        async with websockets.unix_serve(handler, path), websockets.unix_connect(path) as websocket:
            assert await websocket.recv() == "Hello"


async def test_an_asynchronous_iterator_is_sent_as_fragments(running: Running) -> None:
    # 8.0: "Improved support for sending fragmented messages by accepting asynchronous iterators
    # in send()."
    async def fragments() -> AsyncIterator[str]:
        for fragment in ("frag", "men", "ted"):
            await asyncio.sleep(0)
            yield fragment

    async with running() as uri, websockets.connect(uri) as websocket:
        await websocket.send(fragments())
        assert await websocket.recv() == "fragmented"


async def test_the_keepalive_logs_nothing_when_the_connection_ends(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 8.0: "Prevented spurious log messages about ConnectionClosed exceptions in keepalive ping
    # task."
    caplog.set_level(logging.INFO)
    async with running(ping_interval=0.001, ping_timeout=10) as uri:
        for _ in range(10):
            websocket = await websockets.connect(uri, ping_interval=0.001, ping_timeout=10)
            while websocket.latency == 0:
                await asyncio.sleep(0.001)
            await websocket.close()
    assert caplog.records == []


async def test_closing_a_server_does_the_closing_handshake() -> None:
    # 8.0: "Changed WebSocketServer.close() to perform a proper closing handshake instead of
    # failing the connection."
    async def handler(websocket: Any, path: str) -> None:
        await websocket.wait_closed()
        codes.append(websocket.close_code)

    codes: list[int] = []
    server = await websockets.serve(handler, "127.0.0.1", 0)
    assert server.sockets
    websocket = await websockets.connect("ws://{}:{}".format(*server.sockets[0].getsockname()))
    server.close()
    await server.wait_closed()
    # Each has seen the other's close frame.
    assert (websocket.close_code, codes) == (1001, [1001])


async def test_extra_headers_may_be_none(running: Running) -> None:
    # 8.0: "Avoided a crash when a extra_headers callable returns None."
    async with (
        running(extra_headers=lambda path, headers: None) as uri,
        websockets.connect(uri) as websocket,
    ):
        assert websocket.open


async def test_malformed_http_is_described(
    answering: Answering, ask: Ask, running: Running
) -> None:
    # 8.0: "Improved error messages when HTTP parsing fails."
    async with answering(b"HTTP/1.1 101 Switching Protocols\r\nno colon\r\n\r\n") as uri:
        with pytest.raises(websockets.InvalidMessage, match=r"^malformed header line 1$"):
            await websockets.connect(uri)
    async with running() as uri:
        answer = await ask(uri, b"GET /\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"malformed request line" in answer


def test_what_is_public_is_documented() -> None:
    # 8.0: "Improved API documentation."; and 2.5, 2.7, 3.0, 4.0, 5.0 of documentation.
    with pytest.deprecated_call():
        public = [getattr(websockets, name) for name in websockets.__all__]
    for each in public:
        is_function = inspect.isfunction(each) and each.__module__ != "typing"  # a NewType of 3.9
        if inspect.isclass(each) or is_function:
            assert inspect.getdoc(each), each
            for name, member in vars(each).items():
                if inspect.isfunction(member) and not name.startswith("_"):
                    assert inspect.getdoc(getattr(each, name)), f"{each}.{name}"


# 8.0.2


async def test_a_socket_can_be_given_to_serve() -> None:
    # 8.0.2: "Restored the ability to pass a socket with the sock parameter of serve()."
    async def handler(websocket: Any, path: str) -> None: ...

    sock = socket.create_server(("127.0.0.1", 0))
    async with (
        websockets.serve(handler, sock=sock),
        websockets.connect("ws://{}:{}".format(*sock.getsockname())) as websocket,
    ):
        await websocket.wait_closed()
        assert websocket.close_code == 1000


async def test_a_connection_may_drop_at_any_time(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # 8.0.2: "Removed an incorrect assertion when a connection drops."
    async with running() as uri:
        for turns in range(8):
            websocket = await websockets.connect(uri)
            sending = asyncio.ensure_future(websocket.send("x" * 2**20))
            for _ in range(turns):
                await asyncio.sleep(0)
            websocket.transport.abort()
            await asyncio.wait([sending])
            sending.exception()
            await websocket.wait_closed()
            assert websocket.close_code == 1006
    assert [record for record in caplog.records if record.exc_info] == []
