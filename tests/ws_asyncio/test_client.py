from __future__ import annotations

import asyncio
import contextlib
import inspect
import itertools
import socket
import ssl
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import ws_asyncio
from tests.ws_asyncio.applications import echo
from tests.ws_asyncio.servers import serving, uri_of
from ws_asyncio import (
    WebSocketClientProtocol,
    connect,
)
from ws_http import (
    Headers,
    InvalidMessage,
    InvalidStatusCode,
    InvalidURI,
    SecurityError,
)

Response = Any

# What is documented, besides the URI.
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
    "origin": None,
    "extensions": None,
    "subprotocols": None,
    "extra_headers": None,
    "open_timeout": 10,
}


@contextlib.asynccontextmanager
async def raw_server(handle: Any) -> AsyncIterator[str]:
    """A TCP server that is no WebSocket server; ``handle`` gets its streams."""
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    async with server:
        host, port = server.sockets[0].getsockname()
        yield f"ws://{host}:{port}/"


def test_the_arguments_are_the_documented_ones() -> None:
    parameters = inspect.signature(connect).parameters
    assert next(iter(parameters)) == "uri"
    defaults = {
        name: parameter.default
        for name, parameter in parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert {name: defaults[name] for name in DEFAULTS} == DEFAULTS
    assert set(defaults) - set(DEFAULTS) == {"path", "retry_on"}  # and unix_connect() gives path


async def test_other_arguments_go_to_the_event_loop() -> None:
    async with serving() as uri:
        host, _, port = uri[5:].partition(":")
        options: dict[str, Any] = {"family": socket.AF_INET, "happy_eyeballs_delay": 0.25}
        async with connect(uri, local_addr=("127.0.0.2", 0), **options) as ws:
            assert ws.local_address[0] == "127.0.0.2"
            assert ws.remote_address == (host, int(port))
    with pytest.raises(TypeError, match="no_such_argument"):
        await connect(uri, no_such_argument=1)


async def test_await_gives_an_open_connection() -> None:
    async with serving() as uri:
        ws = await connect(uri + "/path?query")
        assert isinstance(ws, WebSocketClientProtocol)
        assert ws.open
        assert ws.path == "/path?query"
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
        await ws.close()


async def test_the_context_manager_closes_the_connection() -> None:
    async with serving() as uri:
        async with connect(uri) as ws:
            pass
        assert ws.closed
        assert ws.close_code == 1000


async def test_the_default_user_agent_names_python_and_the_package() -> None:
    async with serving() as uri, connect(uri) as ws:
        assert ws.request_headers["User-Agent"] == ws_asyncio.version.USER_AGENT


async def test_extra_headers_may_override_the_user_agent() -> None:
    async with serving() as uri, connect(uri, extra_headers={"User-Agent": "me", "X": "y"}) as ws:
        assert ws.request_headers.get_all("User-Agent") == ["me"]
        assert ws.request_headers["X"] == "y"


async def test_credentials_of_the_uri_become_basic_auth() -> None:
    async with serving() as uri, connect(uri.replace("//", "//iron:man@")) as ws:
        assert ws.request_headers["Authorization"] == "Basic aXJvbjptYW4="


async def test_host_and_port_override_where_to_connect_but_not_the_host_header() -> None:
    async with serving() as uri:
        port = int(uri.rpartition(":")[2])
        async with connect("ws://overridden.example/", host="127.0.0.1", port=port) as ws:
            assert ws.request_headers["Host"] == "overridden.example"


async def test_a_connected_socket_can_be_given() -> None:
    async with serving() as uri:
        host, _, port = uri[5:].partition(":")
        sock = socket.create_connection((host, int(port)))
        sock.setblocking(False)
        async with connect("ws://given.example/", sock=sock) as ws:
            assert ws.request_headers["Host"] == "given.example"


async def test_a_unix_socket() -> None:
    # The path of a Unix socket has about a hundred bytes at most; pytest's is longer.
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        async with ws_asyncio.unix_serve(echo, path), ws_asyncio.unix_connect(path) as ws:
            assert ws.request_headers["Host"] == "localhost"
            await ws.send("Hello")
            assert await ws.recv() == "Hello"


async def test_create_protocol_makes_the_connection() -> None:
    class Custom(WebSocketClientProtocol):
        pass

    async with serving() as uri, connect(uri, create_protocol=Custom) as ws:
        assert type(ws) is Custom


@pytest.mark.parametrize(
    "uri", ["http://localhost/", "ws://localhost/#fragment", "ws:///path", "localhost"]
)
def test_an_invalid_uri_is_refused_at_once(uri: str) -> None:
    with pytest.raises(InvalidURI):
        connect(uri)


def test_ssl_with_a_ws_uri_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="use a wss:// URI"):
        connect("ws://localhost/", ssl=True)


async def test_a_refused_tcp_connection_is_an_oserror() -> None:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = sock.getsockname()[1]
    with pytest.raises(OSError, match="Connect call failed"):
        await connect(f"ws://127.0.0.1:{port}/")


async def test_another_status_is_raised_with_headers_and_body() -> None:
    async def process_request(path: str, headers: Headers) -> Response:
        return 403, {"X-Why": "because"}, b"no entry"

    async with serving(process_request=process_request) as uri:
        with pytest.raises(InvalidStatusCode, match="HTTP 403") as caught:
            await connect(uri)
    assert caught.value.status_code == 403
    assert caught.value.headers["X-Why"] == "because"
    assert caught.value.body == b"no entry"


async def test_a_connection_that_ends_before_the_response() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.close()

    async with raw_server(handle) as uri:
        with pytest.raises(InvalidMessage):
            await connect(uri)


async def test_a_connection_that_is_reset_before_the_response() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.transport.abort()

    async with raw_server(handle) as uri:
        with pytest.raises(InvalidMessage):
            await connect(uri)


async def test_a_silent_server_runs_into_the_time_limit() -> None:
    silent: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()
        silent.set_result(None)

    async with raw_server(handle) as uri:
        with pytest.raises(asyncio.TimeoutError, match=r"connecting took more than 0\.01 s"):
            await connect(uri, open_timeout=0.01)
        await silent


async def test_the_time_limit_is_over_the_look_up_of_the_name(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loop = asyncio.get_running_loop()

    async def getaddrinfo(*args: Any, **kwargs: Any) -> Any:
        await loop.create_future()

    monkeypatch.setattr(loop, "getaddrinfo", getaddrinfo)
    with pytest.raises(asyncio.TimeoutError, match="connecting took more than"):
        await connect("ws://slow.example/", open_timeout=0.01)


async def test_the_time_limit_is_over_tcp(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()

    async def sock_connect(*args: Any) -> None:
        await loop.create_future()

    monkeypatch.setattr(loop, "sock_connect", sock_connect)
    with pytest.raises(asyncio.TimeoutError, match="connecting took more than"):
        await connect("ws://127.0.0.1:1/", open_timeout=0.01)


async def test_the_time_limit_is_over_tls() -> None:
    dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        writer.close()
        dropped.set_result(None)

    async with raw_server(handle) as uri:
        with pytest.raises(asyncio.TimeoutError, match="connecting took more than"):
            await connect(uri.replace("ws:", "wss:"), open_timeout=0.05)
        await dropped


async def test_the_time_limit_is_over_all_redirects_together() -> None:
    async def process_request(path: str, headers: Headers) -> Response:
        await asyncio.sleep(0.05)
        return 302, {"Location": "/"}, b""

    async with serving(process_request=process_request) as uri:
        with pytest.raises(asyncio.TimeoutError, match="connecting took more than"):
            await connect(uri, open_timeout=0.15)


async def test_a_refusal_is_told_though_its_body_doesnt_end() -> None:
    dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 100\r\n\r\nnot for")
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        writer.close()
        dropped.set_result(None)

    async with raw_server(handle) as uri:
        with pytest.raises(InvalidStatusCode) as info:
            await connect(uri, open_timeout=0.1)
        await dropped
    assert (info.value.status_code, info.value.body) == (403, b"not for")


async def test_a_server_that_speaks_first_is_no_http_server() -> None:
    dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example ESMTP\r\n")
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        writer.close()
        dropped.set_result(None)

    async with raw_server(handle) as uri:
        with pytest.raises(InvalidMessage):
            await connect(uri)
        await dropped


async def test_a_certificate_that_is_not_trusted_is_refused() -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    async with serving(ssl=server) as uri:
        with pytest.raises(ssl.SSLCertVerificationError):
            await connect(uri.replace("ws:", "wss:"))


async def test_cancelling_connect_drops_the_tcp_connection() -> None:
    arrived: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        arrived.set_result(None)
        with contextlib.suppress(ConnectionResetError):
            await reader.read()
        writer.close()
        dropped.set_result(None)

    async with raw_server(handle) as uri:
        task = asyncio.ensure_future(connect(uri).__aenter__())
        await arrived
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await dropped


async def test_cancelling_connect_at_any_step_leaves_nothing() -> None:
    async with ws_asyncio.serve(echo, "127.0.0.1", 0) as server:
        before = asyncio.all_tasks()
        for steps in itertools.count():
            task = asyncio.ensure_future(connect(uri_of(server)).__aenter__())
            for _ in range(steps):
                await asyncio.sleep(0)
            if task.done():
                break
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
        assert steps > 3
        await (await task).close()
        while server.connections:
            await asyncio.sleep(0)
        assert asyncio.all_tasks() == before


# Redirects


def redirecting(*locations: str, status: int = 302) -> Any:
    """Answer with one redirect after the other, then let the handshake go on."""
    left = list(locations)

    async def process_request(path: str, headers: Headers) -> Response:
        return (status, {"Location": left.pop(0)}, b"") if left else None

    return process_request


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_redirects_are_followed(status: int) -> None:
    process_request = redirecting("/there", status=status)
    async with serving(process_request=process_request) as uri, connect(uri + "/here") as ws:
        assert ws.path == "/there"


async def test_a_redirect_to_another_server() -> None:
    async with serving() as other, serving(process_request=redirecting(other + "/there")) as uri:
        headers = {"Authorization": "Basic c2VjcmV0", "X-Token": "secret"}
        async with connect(uri, extra_headers=headers) as ws:
            assert ws.path == "/there"
            assert "Authorization" not in ws.request_headers
            assert "X-Token" not in ws.request_headers


async def test_ten_redirects_are_followed_and_no_more() -> None:
    locations = [f"/{n}" for n in range(11)]
    async with serving(process_request=redirecting(*locations[:10])) as uri, connect(uri) as ws:
        assert ws.path == "/9"
    async with serving(process_request=redirecting(*locations)) as uri:
        with pytest.raises(SecurityError, match="more than 10 redirects"):
            await connect(uri)


async def test_a_redirect_without_location_is_an_error() -> None:
    async def process_request(path: str, headers: Headers) -> Response:
        return 302, {}, b""

    async with serving(process_request=process_request) as uri:
        with pytest.raises(InvalidStatusCode, match="HTTP 302"):
            await connect(uri)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"extra_headers": {"X-Extra": "a\r\nb"}}, ValueError),
        ({"extra_headers": [("X Extra", "a")]}, ValueError),
        ({"extra_headers": {"X-Extra": 1}}, TypeError),
        ({"extra_headers": 1}, TypeError),
        ({"origin": "a\nb"}, ValueError),
        ({"origin": 1}, TypeError),
        ({"subprotocols": ["a b"]}, ValueError),
        ({"subprotocols": ["a", "a"]}, ValueError),
        ({"subprotocols": [1]}, TypeError),
    ],
)
def test_what_cannot_be_sent_is_an_error_before_it_is_awaited(
    options: dict[str, Any], error: type[Exception]
) -> None:
    with pytest.raises(error):
        connect("ws://localhost", **options)


async def test_headers_from_an_iterator_go_with_each_request() -> None:
    seen = []

    def process_request(path: str, headers: Headers) -> Any:
        seen.append((path, headers["X-Extra"]))
        return None if path == "/" else (302, [("Location", "/")], b"")

    async with serving(process_request=process_request) as uri:
        pairs = iter([("X-Extra", "1")])
        async with connect(f"{uri}/other", extra_headers=pairs):
            assert seen == [("/other", "1"), ("/", "1")]
