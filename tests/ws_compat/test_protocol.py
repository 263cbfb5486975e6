"""Attributes, arguments and methods of a connection that are deprecated, and driving one by hand."""

from __future__ import annotations

import asyncio
import functools
import logging
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol
from ws_asyncio.testing import connected_pair, memory_transports
from ws_compat import WebSocketClientProtocol as OldClient
from ws_compat import WebSocketCommonProtocol
from ws_compat import WebSocketServerProtocol as OldServer
from ws_frames import ConnectionClosed, ConnectionClosedOK, InvalidState, Opcode, encode_frame
from ws_http import Headers, Opening, ServerHandshake, Subprotocol, parse_uri

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

#: Both sides of a connection, with all that they ever had.
old_pair: Any = functools.partial(connected_pair, create_client=OldClient, create_server=OldServer)

CHAT = Subprotocol("chat")

FRAME = encode_frame(0x80 | Opcode.TEXT, "early", True)


# Arguments


def test_timeout_is_close_timeout(deprecated: Deprecated) -> None:
    with deprecated("the argument timeout is deprecated; use close_timeout", at="timeout=5"):
        assert WebSocketCommonProtocol(timeout=5).close_timeout == 5
    assert WebSocketCommonProtocol().close_timeout == 10


def test_a_queue_of_zero_has_no_limit(deprecated: Deprecated) -> None:
    with deprecated("max_queue=0 is deprecated; use max_queue=None", at="max_queue=0"):
        assert WebSocketCommonProtocol(max_queue=0).max_queue is None


def test_the_address_may_be_given(deprecated: Deprecated) -> None:
    with deprecated("giving host, port or secure is deprecated; leave them out"):
        connection = WebSocketCommonProtocol(host="example.com", port=443, secure=True)
    with pytest.deprecated_call():
        assert (connection.host, connection.port, connection.secure) == ("example.com", 443, True)


async def test_the_loop_is_there_from_the_beginning(deprecated: Deprecated) -> None:
    loop = asyncio.get_running_loop()
    with deprecated():
        assert WebSocketCommonProtocol().loop is loop
    text = "the argument loop is deprecated; leave it out, and let that loop run this"
    with deprecated(text, at="loop=loop"):
        assert WebSocketCommonProtocol(loop=loop).loop is loop


def test_without_a_running_loop_there_is_none_yet() -> None:
    assert not hasattr(WebSocketCommonProtocol(), "loop")


async def test_another_loop_than_the_running_one_is_refused() -> None:
    other = asyncio.new_event_loop()
    with pytest.deprecated_call():
        connection = WebSocketCommonProtocol(loop=other)
    with pytest.raises(RuntimeError, match="another event loop"):
        connection.connection_made(memory_transports()[0])
    other.close()


# Attributes


HOST = "host is deprecated; use remote_address[0] in a client, local_address[0] in a server"
PORT = "port is deprecated; use remote_address[1] in a client, local_address[1] in a server"


async def test_host_and_port_are_those_of_the_server(deprecated: Deprecated) -> None:
    async with old_pair() as (client, server):
        with deprecated(HOST, PORT):
            assert (client.host, client.port) == ("localhost", 80)
        with deprecated(HOST, PORT):
            assert (server.host, server.port) == server.local_address


async def test_on_a_unix_socket_there_is_neither() -> None:
    connection = WebSocketCommonProtocol()
    transport, _ = memory_transports()
    transport._extra["sockname"] = "/run/socket"  # type: ignore[attr-defined]
    connection.connection_made(transport)
    with pytest.deprecated_call():
        assert (connection.host, connection.port) == (None, None)


async def test_secure_is_whether_there_is_tls(deprecated: Deprecated) -> None:
    text = 'secure is deprecated; use transport.get_extra_info("ssl_object")'
    async with old_pair() as (client, server):
        with deprecated(text, text, at=".secure"):
            assert client.secure is False
            assert server.secure is False
    tls, plain = WebSocketCommonProtocol(), WebSocketCommonProtocol()
    transports = memory_transports()
    transports[0]._extra["ssl_object"] = object()  # type: ignore[attr-defined]
    tls.connection_made(transports[0])
    plain.connection_made(transports[1])
    with pytest.deprecated_call():
        assert [tls.secure, plain.secure] == [True, False]


async def test_the_state_has_its_name(deprecated: Deprecated) -> None:
    connection = WebSocketCommonProtocol()
    with deprecated("state_name is deprecated; use state.name", at=".state_name"):
        assert connection.state_name == "CONNECTING"
    async with old_pair() as (client, _):
        with pytest.deprecated_call():
            assert client.state_name == "OPEN"
    with pytest.deprecated_call():
        assert client.state_name == "CLOSED"


async def test_headers_come_as_pairs(deprecated: Deprecated) -> None:
    async with old_pair() as (client, server):
        text = "raw_request_headers is deprecated; use request_headers.raw_items()"
        with deprecated(text, text):
            assert client.raw_request_headers == server.raw_request_headers
        text = "raw_response_headers is deprecated; use response_headers.raw_items()"
        with deprecated(text):
            assert ("Upgrade", "websocket") in client.raw_response_headers


async def test_the_writer_is_the_transport(deprecated: Deprecated) -> None:
    async with old_pair() as (client, _):
        with deprecated("writer is deprecated; use transport", at="client.writer"):
            writer = client.writer
        assert writer.get_extra_info("peername") == client.remote_address
        client.writer = "mine"
        assert client.writer == "mine"


def test_the_timeout_is_close_timeout(deprecated: Deprecated) -> None:
    connection = WebSocketCommonProtocol(close_timeout=5)
    with deprecated("timeout is deprecated; use close_timeout", at="connection.timeout"):
        assert connection.timeout == 5


@pytest.mark.parametrize("name", ["backlog", "id", "latency", "logger", "role"])
def test_names_that_came_later_belong_to_the_program_if_it_wants_them(name: str) -> None:
    class Own(WebSocketCommonProtocol):
        def __init__(self) -> None:
            setattr(self, name, "before")
            super().__init__()

    assert getattr(WebSocketCommonProtocol(), name) is not None
    connection = Own()
    assert getattr(connection, name) == "before"
    setattr(connection, name, "after")
    assert getattr(connection, name) == "after"
    assert getattr(WebSocketCommonProtocol, name).__doc__


# Methods


async def test_ensure_open_raises_unless_it_is_open(deprecated: Deprecated) -> None:
    text = "ensure_open() is deprecated; catch what recv() and send() raise"
    with pytest.deprecated_call(), pytest.raises(InvalidState):
        await WebSocketCommonProtocol().ensure_open()
    async with old_pair() as (client, _):
        with deprecated(text, at="ensure_open()"):
            await client.ensure_open()
        await client.close()
        with pytest.deprecated_call(), pytest.raises(ConnectionClosedOK):
            await client.ensure_open()


async def test_close_connection_closes_it(deprecated: Deprecated) -> None:
    async with old_pair() as (client, server):
        with deprecated("close_connection() is deprecated; use close(1001)", at="close_conn"):
            await server.close_connection()
        assert server.closed
        assert client.close_code == 1001


# By hand


class Embedding(asyncio.Protocol):
    """A server that does the handshake by itself, and hands on what comes behind it."""

    def __init__(self, **options: Any) -> None:
        self.websocket: WebSocketCommonProtocol | None = None
        self.options = options
        self.handshake = ServerHandshake(subprotocols=[CHAT])

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self.websocket is not None:
            self.websocket.data_received(data)
            return
        self.handshake.receive_data(data)
        self.transport.write(self.handshake.accept())  # type: ignore[attr-defined]
        self.websocket = websocket = WebSocketCommonProtocol(**self.options)
        websocket.is_client = False
        websocket.side = "server"
        websocket.subprotocol = self.handshake.opening.subprotocol
        websocket.connection_made(self.transport)
        websocket.data_received(FRAME)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            websocket.connection_open()
        # Whoever calls this one, a transport, looks at no exception.
        self.warned = [(each.filename, str(each.message)) for each in caught]

    def eof_received(self) -> None:
        assert self.websocket is not None
        self.websocket.eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.websocket is not None:
            self.websocket.connection_lost(exc)


async def embed(**options: Any) -> tuple[WebSocketClientProtocol, WebSocketCommonProtocol]:
    """Connect a client to such a server."""
    client, server = WebSocketClientProtocol(subprotocols=[CHAT]), Embedding(**options)
    client_end, server_end = memory_transports()
    server_end.attach(server, client_end)
    client_end.attach(client, server_end)
    await client.handshake(parse_uri("ws://localhost/"))
    assert server.websocket is not None
    text = "connection_open() without an opening is deprecated; pass ws_http.Opening"
    assert server.warned == [(__file__, text)]
    return client, server.websocket


async def test_a_server_can_drive_one_by_hand() -> None:
    client, server = await embed(ping_interval=None)
    assert server.subprotocol == client.subprotocol == "chat"
    assert await server.recv() == "early"
    await client.send("Hello")
    assert await server.recv() == "Hello"
    await server.send(b"World")
    assert await client.recv() == b"World"
    assert await (await server.ping()) >= 0
    await client.close(4000, "bye")
    with pytest.raises(ConnectionClosed, match="code = 4000"):
        await server.recv()
    await server.wait_closed()


async def test_it_can_close_the_connection_too() -> None:
    client, server = await embed()
    await server.close(1001)
    assert [message async for message in client] == []
    assert client.close_code == 1001


async def test_the_end_of_tcp_reaches_it() -> None:
    client, server = await embed()
    client.transport.close()
    await server.recv()
    with pytest.raises(ConnectionClosed, match="code = 1006"):
        await server.recv()


async def test_what_comes_before_it_is_open_may_be_the_end() -> None:
    connection = WebSocketCommonProtocol()
    connection.connection_made(memory_transports()[0])
    connection.eof_received()
    connection.connection_lost(None)
    assert connection.closed


async def test_a_client_can_be_driven_by_hand(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client, server = WebSocketCommonProtocol(), WebSocketServerProtocol(server_loop, Registry())
    client.is_client = True
    client.side = "client"
    client_end, server_end = memory_transports()
    client_end.attach(client, server_end)
    server_end.attach(server, client_end)
    opening = Opening("/", Headers(), Headers(), None, (), b"")
    server.connection_open(opening)
    client.connection_open(opening)  # as today
    await client.send("masked")
    assert await server.recv() == "masked"
    await client.close()
    assert {"websockets.client"} <= {record.name for record in caplog.records}


def test_by_itself_it_is_a_server() -> None:
    connection = WebSocketCommonProtocol()
    assert connection.side == "server"
    assert not connection.is_client
    assert connection.logger.logger.name == "websockets.server"


async def test_a_logger_that_is_given_stays() -> None:
    connection = WebSocketCommonProtocol(logger=logging.getLogger("embedding"))
    connection.is_client = True
    connection.connection_made(memory_transports()[0])
    assert connection.logger.logger.name == "embedding"


class Registry:
    def register(self, protocol: WebSocketServerProtocol) -> None: ...

    def unregister(self, protocol: WebSocketServerProtocol) -> None: ...


async def server_loop(connection: WebSocketServerProtocol, path: str) -> None: ...
