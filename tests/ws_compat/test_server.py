"""serve() with the arguments of any release."""

from __future__ import annotations

import asyncio
import inspect
import tempfile
import types
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import ws_asyncio
from tests.ws_asyncio.servers import uri_of
from ws_asyncio import connect, unix_connect
from ws_compat import (
    Serve,
    WebSocketServer,
    WebSocketServerProtocol,
    serve,
    unix_serve,
)
from ws_http import Headers, InvalidStatusCode

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated


async def idle(connection: Any, path: str) -> None:
    await connection.wait_closed()


async def connection_of(serving: Serve, **options: Any) -> WebSocketServerProtocol:
    """The server's side of a connection, which is closed again."""
    async with serving as server, connect(uri_of(server), **options):
        (connection,) = server.connections
        assert isinstance(connection, WebSocketServerProtocol)
        return connection


async def test_it_gives_a_server_with_connections_with_all_that_they_ever_had() -> None:
    server = await serve(idle, "127.0.0.1", 0, max_connections=1)
    assert type(server) is WebSocketServer
    async with connect(uri_of(server)):
        assert [type(each) for each in server.connections] == [WebSocketServerProtocol]
        with pytest.raises(InvalidStatusCode, match="503"):
            await connect(uri_of(server))
    server.close()
    await server.wait_closed()


def test_it_shows_the_signature_of_today() -> None:
    assert inspect.signature(serve) == inspect.signature(ws_asyncio.serve)
    assert serve.__doc__ == ws_asyncio.serve.__doc__


async def test_timeout_is_close_timeout(deprecated: Deprecated) -> None:
    with deprecated("the argument timeout is deprecated; use close_timeout", at="timeout=3"):
        serving = serve(idle, "127.0.0.1", 0, timeout=3)
    assert (await connection_of(serving)).close_timeout == 3


async def test_klass_is_create_protocol(deprecated: Deprecated) -> None:
    class Own(WebSocketServerProtocol):
        pass

    with deprecated("the argument klass is deprecated; use create_protocol", at="klass=Own"):
        serving = serve(idle, "127.0.0.1", 0, klass=Own)
    assert type(await connection_of(serving)) is Own


async def test_a_queue_of_zero_has_no_limit(deprecated: Deprecated) -> None:
    with deprecated("max_queue=0 is deprecated; use max_queue=None", at="max_queue=0"):
        serving = serve(idle, "127.0.0.1", 0, max_queue=0)
    assert (await connection_of(serving)).max_queue is None


async def test_an_empty_origin_is_none(deprecated: Deprecated) -> None:
    with deprecated('"" in origins is deprecated; use None', at='origins=[""]'):
        serving = serve(idle, "127.0.0.1", 0, origins=[""])
    assert (await connection_of(serving)).origins == [None]


async def test_legacy_recv_gives_none_at_the_end(deprecated: Deprecated) -> None:
    received: list[Any] = []

    async def handler(connection: Any, path: str) -> None:
        while received[-1:] != [None]:
            received.append(await connection.recv())

    with deprecated("legacy_recv is deprecated; catch ConnectionClosed", at="legacy_recv=True"):
        serving = serve(handler, "127.0.0.1", 0, legacy_recv=True)
    with deprecated():
        async with serving as server, connect(uri_of(server)) as client:
            await client.send("Hello")
    assert received == ["Hello", None]


@pytest.mark.parametrize("status", [None, 404])
async def test_process_request_may_be_a_function(
    status: int | None, deprecated: Deprecated
) -> None:
    def process_request(path: str, request_headers: Headers) -> Any:
        return None if status is None else (status, [], b"")

    text = "process_request as a function is deprecated; define it with async def"
    with deprecated(text, at="process_request="):
        serving = serve(idle, "127.0.0.1", 0, process_request=process_request)
    with deprecated():
        if status is None:
            assert (await connection_of(serving)).path == "/"
        else:
            with pytest.raises(InvalidStatusCode, match="404"):
                await connection_of(serving)


async def test_the_loop_may_be_the_running_one(deprecated: Deprecated) -> None:
    text = "the argument loop is deprecated; leave it out, and let that loop run this"
    with deprecated(text, at="loop="):
        serving = serve(idle, "127.0.0.1", 0, loop=asyncio.get_running_loop())
    assert (await connection_of(serving)).loop is asyncio.get_running_loop()


async def test_and_no_other() -> None:
    other = asyncio.new_event_loop()
    with pytest.deprecated_call():
        serving = serve(idle, "127.0.0.1", 0, loop=other)
    with pytest.raises(RuntimeError, match="another event loop than the running one"):
        await serving
    other.close()


async def test_a_coroutine_that_is_a_generator_can_use_it(deprecated: Deprecated) -> None:
    @types.coroutine
    def old() -> Generator[Any, None, Any]:
        server = yield from serve(idle, "127.0.0.1", 0)
        server.close()
        yield from server.wait_closed()
        return server

    with deprecated("yield from serve() is deprecated; use await", at="from serve"):
        assert (await old()).sockets is None


async def test_the_connections_of_a_server_had_another_name(deprecated: Deprecated) -> None:
    text = "websockets, of a server, is deprecated; use connections"
    async with serve(idle, "127.0.0.1", 0) as server, connect(uri_of(server)):
        with deprecated(text, at="server.websockets"):
            assert server.websockets is server.connections


async def test_a_server_took_its_loop(deprecated: Deprecated) -> None:
    with deprecated():
        WebSocketServer()
    text = "the argument loop is deprecated; leave it out, and let that loop run this"
    with deprecated(text, at="WebSocketServer("):
        WebSocketServer(asyncio.get_running_loop())


async def test_on_a_unix_socket(deprecated: Deprecated) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        with deprecated("the argument timeout is deprecated; use close_timeout", at="timeout=3"):
            serving = unix_serve(idle, path, timeout=3)
        async with serving as server, unix_connect(path):
            assert [each.close_timeout for each in server.connections] == [3]


async def test_what_makes_a_connection_needn_t_know_of_open_timeout() -> None:
    def create(  # the arguments of 8.0
        ws_handler: Any,
        ws_server: Any,
        *,
        ping_interval: Any,
        ping_timeout: Any,
        close_timeout: Any,
        max_size: Any,
        max_queue: Any,
        read_limit: Any,
        write_limit: Any,
        origins: Any,
        extensions: Any,
        subprotocols: Any,
        extra_headers: Any,
        process_request: Any,
        select_subprotocol: Any,
    ) -> WebSocketServerProtocol:
        return WebSocketServerProtocol(ws_handler, ws_server, close_timeout=close_timeout)

    connection = await connection_of(
        serve(idle, "127.0.0.1", 0, create_protocol=create, close_timeout=4)
    )
    assert connection.close_timeout == 4


@pytest.mark.filterwarnings("ignore:(host|port) is deprecated:DeprecationWarning")
async def test_a_connection_has_the_host_that_the_server_was_given() -> None:
    connection = await connection_of(serve(idle, "localhost", 0))
    assert connection.host == "localhost"
    assert connection.port == connection.local_address[1]
    connection.host, connection.port = "example.com", 443
    assert (connection.host, connection.port) == ("example.com", 443)


@pytest.mark.filterwarnings("ignore:port is deprecated:DeprecationWarning")
async def test_a_connection_has_the_port_that_the_server_was_given() -> None:
    serving = serve(idle, "localhost", 8765)
    made = serving._create_protocol(idle, WebSocketServer())
    assert made.port == 8765  # type: ignore[attr-defined]


async def test_connections_of_ws_asyncio_have_no_host() -> None:
    serving = serve(idle, "localhost", create_protocol=ws_asyncio.WebSocketServerProtocol)
    made = serving._create_protocol(idle, WebSocketServer())
    assert not hasattr(made, "host")
