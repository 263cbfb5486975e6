"""The server's side of a connection, RFC 6455 §4.2."""

from __future__ import annotations

import asyncio
import logging
import weakref
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_asyncio.handlers import Handler2
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_frames import Close, ConnectionClosed, ConnectionClosedOK, Opcode, State
from ws_http import AbortHandshake, Headers, InvalidHeader, Request, Subprotocol, build_request

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Attach
    from tests.ws_asyncio.peers import Peer

TEXT, CLOSE = Opcode.TEXT, Opcode.CLOSE


class Server:
    """What a server is to its connections: a list of them."""

    def __init__(self) -> None:
        self.events: list[str] = []
        self.connections: set[WebSocketServerProtocol] = set()
        self.closing = False

    def register(self, protocol: WebSocketServerProtocol) -> None:
        self.events.append("register")
        self.connections.add(protocol)
        if self.closing:
            protocol.shut_down(1001, "")

    def unregister(self, protocol: WebSocketServerProtocol) -> None:
        self.events.append("unregister")
        self.connections.discard(protocol)


async def echo(connection: WebSocketServerProtocol, path: str) -> None:
    async for message in connection:
        await connection.send(message)


class Client:
    """A client that a test plays."""

    def __init__(self, peer: Peer, server: Server) -> None:
        assert isinstance(peer.protocol, WebSocketServerProtocol)
        self.peer = peer
        self.server = server
        self.protocol = peer.protocol
        self.transport = peer.transport

    async def open(self, *rest: bytes, target: str = "/", **headers: str) -> None:
        """Do the opening handshake."""
        await self.peer.send(request(target, **headers), *rest)
        await self.peer.turn()
        response = self.transport.writes.pop(0)
        assert response.startswith(b"HTTP/1.1 101 "), response

    async def get_status(self) -> int:
        """Tell how the request was refused."""
        await self.peer.turn()
        (response,) = self.transport.writes
        assert self.transport.eof
        return int(response.split()[1])


def request(target: str = "/", **headers: str) -> bytes:
    fields = Headers({"Host": "localhost"})
    build_request(fields)
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    return Request("GET", target, fields).serialize()


Accept = Callable[..., Client]


@pytest.fixture
def accept(attach: Attach) -> Accept:
    """Accept a TCP connection; gives the client."""

    def accept(
        handler: Handler2[Any] = echo,
        *,
        make: Callable[..., WebSocketServerProtocol] = WebSocketServerProtocol,
        closing: bool = False,
        **options: Any,
    ) -> Client:
        server = Server()
        server.closing = closing
        protocol = make(handler, server, **{"ping_interval": None, **options})
        return Client(attach(protocol), server)

    return accept


# From the request to the end


async def test_a_handler_serves_the_connection(accept: Accept) -> None:
    paths = []

    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        paths.append(path)
        await echo(connection, path)

    client = accept(handler)
    await client.open(target="/chat?room=1")
    assert client.protocol.state is State.OPEN
    assert client.server.events == ["register"]
    await client.peer.send(client.peer.text("a"), client.peer.close())
    await client.protocol.handler_task
    assert [frame.opcode for frame in client.peer.frames] == [TEXT, CLOSE]
    assert paths == [client.protocol.path] == ["/chat?room=1"]
    assert client.server.events == ["register", "unregister"]


async def test_the_request_may_come_byte_by_byte(accept: Accept) -> None:
    client = accept()
    data = request()
    for byte in data[:-1]:
        await client.peer.send(bytes([byte]))
    await client.peer.turn()
    assert client.transport.writes == []
    await client.peer.send(data[-1:])
    await client.peer.turn()
    assert client.protocol.open


async def test_what_comes_with_the_request_is_answered(accept: Accept) -> None:
    client = accept()
    peer = client.peer
    await client.open(peer.text("a"), peer.ping(b"1"), peer.text("b"), peer.close())
    await client.protocol.handler_task
    assert [frame.data for frame in peer.frames] == [b"a", b"1", b"b", b"\x03\xe8"]


async def test_the_connection_is_closed_with_1000_when_the_handler_returns(
    accept: Accept,
) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        await connection.send("bye")

    client = accept(handler)
    await client.open()
    assert client.peer.closes == [Close(1000)]
    await client.peer.send(client.peer.close())
    await client.protocol.handler_task


@pytest.mark.parametrize("make_coroutine", [True, False])
async def test_the_connection_is_closed_with_1011_when_the_handler_fails(
    accept: Accept, make_coroutine: bool, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        raise ValueError("mine")

    client = accept(handler if make_coroutine else lambda connection, path: None)
    await client.open()
    assert client.peer.closes == [Close(1011)]
    await client.peer.send_eof()
    await client.protocol.handler_task
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert (record.name, record.message) == ("websockets.server", "connection handler failed")
    assert record.exc_info is not None


async def test_the_end_of_another_connection_is_a_failure_of_the_handler(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        raise ConnectionClosedOK(1000, "another one")

    client = accept(handler)
    await client.open()
    await client.peer.turn()
    assert client.peer.closes == [Close(1011)]
    assert [record.message for record in caplog.records] == ["connection handler failed"]
    await client.peer.lose()
    await client.protocol.handler_task


async def test_a_handler_that_does_not_expect_the_end_leaves_no_error(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        while True:
            await connection.recv()

    client = accept(handler)
    await client.open()
    await client.peer.lose(ConnectionResetError())
    await client.protocol.handler_task
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []


async def test_a_cancelled_handler_ends_the_connection_at_once(accept: Accept) -> None:
    client = accept()
    await client.open()
    client.protocol.handler_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.protocol.handler_task
    assert client.peer.closes == [Close(1001)]
    assert client.transport.closing
    assert client.server.events == ["register", "unregister"]


async def test_a_cancelled_handshake_ends_the_connection_at_once(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()
    client.protocol.handler_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.protocol.handler_task
    assert client.transport.aborted
    assert client.transport.writes == []


async def test_the_handler_s_task_lasts_until_tcp_has_ended(accept: Accept, clock: Clock) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        return

    client = accept(handler)
    await client.open()
    client.transport.stall()
    client.transport.write(b"x")
    await client.protocol.handler_task
    assert clock.now == pytest.approx(1020)
    assert client.transport.lost


# The response


async def test_subprotocols_are_chosen_by_the_default(accept: Accept) -> None:
    client = accept(subprotocols=[Subprotocol("a"), Subprotocol("b")])
    await client.open(Sec_WebSocket_Protocol="b, c")
    assert client.protocol.subprotocol == "b"


@pytest.mark.parametrize("how", ["argument", "method"])
async def test_subprotocols_are_chosen_by_the_application(accept: Accept, how: str) -> None:
    seen = []

    def choose(theirs: Any, ours: Any) -> Any:
        seen.append((list(theirs), list(ours)))
        return ours[1]

    class Choosing(WebSocketServerProtocol):
        def select_subprotocol(self, client_subprotocols: Any, server_subprotocols: Any) -> Any:
            return choose(client_subprotocols, server_subprotocols)

    options: dict[str, Any] = {"subprotocols": ["a", "b"]}
    if how == "argument":
        client = accept(select_subprotocol=choose, **options)
    else:
        client = accept(make=Choosing, **options)
    await client.open(Sec_WebSocket_Protocol="a, b")
    assert client.protocol.subprotocol == "b"
    assert seen == [(["a", "b"], ["a", "b"])]


@pytest.mark.parametrize(
    "extra",
    [
        Headers({"X-Extra": "/"}),
        {"X-Extra": "/"},
        [("X-Extra", "/")],
        lambda path, headers: {"X-Extra": path},
        lambda path, headers: [("X-Extra", path)],
    ],
)
async def test_extra_headers_go_with_the_response(accept: Accept, extra: Any) -> None:
    client = accept(extra_headers=extra)
    await client.open()
    assert client.protocol.response_headers["X-Extra"] == "/"


async def test_extra_headers_may_be_none(accept: Accept) -> None:
    client = accept(extra_headers=lambda path, headers: None)
    await client.open()
    assert "Server" in client.protocol.response_headers


# process_request


@pytest.mark.parametrize("kind", ["coroutine", "function", "method"])
@pytest.mark.parametrize("answer", [None, (HTTPStatus.OK, [("X-Extra", "1")], b"OK\n")])
async def test_the_application_may_answer_a_request(accept: Accept, kind: str, answer: Any) -> None:
    def function(path: str, headers: Headers) -> Any:
        assert (path, headers["Host"]) == ("/", "localhost")
        return answer

    async def coroutine(path: str, headers: Headers) -> Any:
        await asyncio.sleep(0)
        return function(path, headers)

    class Processing(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Headers) -> Any:
            return function(path, request_headers)

    if kind == "method":
        client = accept(make=Processing)
    else:
        client = accept(process_request=coroutine if kind == "coroutine" else function)
    if answer is None:
        await client.open()
    else:
        await client.peer.send(request())
        assert await client.get_status() == 200
        assert client.transport.writes[0].endswith(b"\r\n\r\nOK\n")
        assert b"\r\nX-Extra: 1\r\n" in client.transport.writes[0]


async def test_a_request_that_is_for_no_websocket_can_be_answered(accept: Accept) -> None:
    client = accept(process_request=lambda path, headers: (200, [], b"healthy"))
    await client.peer.send(b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert await client.get_status() == 200


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (AbortHandshake(HTTPStatus.FORBIDDEN, [], b"no"), 403),
        (InvalidHeader("X-Key"), 400),
        (ValueError("mine"), 500),
        (asyncio.TimeoutError(), 500),
        (ConnectionResetError(), 500),
    ],
)
@pytest.mark.parametrize("where", ["process_request", "extra_headers", "select_subprotocol"])
async def test_what_the_application_raises_refuses_the_request(
    accept: Accept,
    exception: Exception,
    status: int,
    where: str,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(*args: Any) -> Any:
        raise exception

    client = accept(**{where: fail}, subprotocols=["a"])
    await client.peer.send(request(Sec_WebSocket_Protocol="a"))
    assert await client.get_status() == status
    errors = [record.message for record in caplog.records if record.levelno >= logging.ERROR]
    assert errors == (["opening handshake failed"] if status == 500 else [])
    await client.peer.lose()
    await client.protocol.handler_task


async def test_more_of_what_a_client_sends_waits_while_the_application_decides(
    accept: Accept,
) -> None:
    async def decide(path: str, headers: Headers) -> None:
        await asyncio.sleep(5)

    received = []

    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        with suppress(ConnectionClosed):
            while True:
                await connection.send("tick")
                await asyncio.sleep(1)
        received.extend([message async for message in connection])

    client = accept(handler, process_request=decide)
    peer = client.peer
    await peer.send(request(), peer.text("1"))
    reading = [client.transport.reading]
    await peer.send(peer.text("2"))
    reading.append(client.transport.reading)
    await asyncio.sleep(5)
    await peer.turn()
    # Also where the handler doesn't receive: there are pongs and closes to be read.
    reading.append(client.transport.reading)
    assert reading == [True, False, True]
    await peer.send(peer.text("3"), peer.close())
    await client.protocol.handler_task
    assert received == ["1", "2", "3"]


async def test_debug_shows_the_request_and_the_response(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "websockets.server")
    await accept().open(target="/chat", X_Extra="1")
    assert "< GET /chat" in caplog.messages
    assert "< X-Extra: 1" in caplog.messages
    assert "> 101 Switching Protocols" in caplog.messages


# Requests that are refused


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 426),
        (b"POST / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (request(Sec_WebSocket_Version="12"), 400),
        (b"GET /" + b"a" * 9000, 414),
    ],
)
async def test_a_request_that_is_wrong_is_refused(
    accept: Accept, data: bytes, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = accept()
    await client.peer.send(data)
    assert await client.get_status() == status
    await client.peer.send_eof()
    await client.protocol.handler_task
    (record,) = caplog.records
    assert record.levelno == logging.INFO
    assert record.message.endswith(f"; answered HTTP {status}")
    assert record.exc_info is None
    assert client.protocol.close_code == 1006


async def test_a_refused_client_may_take_some_time_to_leave(accept: Accept, clock: Clock) -> None:
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.peer.turn()
    await client.peer.send(b"more" * 1000)
    await client.protocol.handler_task
    assert clock.now == pytest.approx(1010)
    assert client.transport.aborted


async def test_a_client_that_is_silent_is_refused(
    accept: Accept, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\n")
    await asyncio.sleep(10.1)
    assert await client.get_status() == 408
    await client.protocol.handler_task
    assert caplog.messages == [
        "no connection: opening handshake took more than 10 s; answered HTTP 408"
    ]
    assert all(record.exc_info is None for record in caplog.records)


async def test_the_time_before_tls_was_there_counts_too(accept: Accept, clock: Clock) -> None:
    client = accept()
    client.protocol.accepted_at = clock.now - 6
    await asyncio.sleep(4.1)
    assert await client.get_status() == 408


async def test_an_application_that_does_not_decide_in_time_is_refused(accept: Accept) -> None:
    async def decide(path: str, headers: Headers) -> None:
        await asyncio.sleep(1000)

    client = accept(process_request=decide)
    await client.peer.send(request())
    await asyncio.sleep(10.1)
    assert await client.get_status() == 408
    await client.peer.lose()
    await client.protocol.handler_task


async def test_without_a_time_limit_a_client_may_be_silent(accept: Accept) -> None:
    client = accept(open_timeout=None)
    await asyncio.sleep(1e6)
    await client.open()


# Loss of TCP


@pytest.mark.parametrize("data", [b"", b"GET / HTTP/1.1\r\nHost: local"])
@pytest.mark.parametrize("exc", [None, ConnectionResetError()])
async def test_tcp_may_be_lost_before_the_request_is_complete(
    accept: Accept, data: bytes, exc: Exception | None, caplog: pytest.LogCaptureFixture
) -> None:
    client = accept()
    await client.peer.turn()
    if data:
        await client.peer.send(data)
    await client.peer.lose(exc)
    await client.protocol.handler_task
    assert client.transport.writes == []
    assert (client.protocol.state, client.protocol.close_code) == (State.CLOSED, 1006)
    assert client.server.events == ["register", "unregister"]
    assert [record for record in caplog.records if record.levelno >= logging.INFO] == []


async def test_a_client_may_end_its_side_before_the_request_is_complete(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()
    await client.peer.send(b"GET / ")
    await client.peer.send_eof()
    await client.protocol.handler_task
    assert client.server.events == ["register", "unregister"]


async def test_tcp_may_be_lost_while_the_application_decides(accept: Accept) -> None:
    async def decide(path: str, headers: Headers) -> None:
        await asyncio.sleep(5)

    client = accept(process_request=decide)
    await client.peer.send(request())
    await client.peer.turn()
    await client.peer.lose()
    await client.protocol.handler_task
    assert client.transport.writes == []
    assert client.protocol.state is State.CLOSED


async def test_a_request_is_answered_in_the_same_turn(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()

    def read() -> None:
        client.protocol.data_received(request())
        assert b"".join(client.transport.writes).startswith(b"HTTP/1.1 101 ")

    await client.peer.call(read)


async def test_tcp_may_be_lost_with_the_request(accept: Accept) -> None:
    client = accept()
    # In the middle of another task, which makes that of the handler wait for its turn.
    client.protocol.data_received(request())
    client.transport.lose()
    await client.protocol.handler_task
    assert client.transport.writes == []


# The server closes


async def test_an_open_connection_is_closed_as_the_server_says(accept: Accept) -> None:
    client = accept()
    await client.open()
    client.protocol.shut_down(1012, "restart")
    client.protocol.shut_down(1001, "")
    assert client.peer.closes == [Close(1012, "restart")]
    await client.peer.send(client.peer.close(1012))
    await client.protocol.handler_task


@pytest.mark.parametrize("started", [False, True])
async def test_a_connection_without_a_request_is_refused(
    accept: Accept, clock: Clock, started: bool
) -> None:
    client = accept()
    if started:
        await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 503
    await client.protocol.handler_task
    assert clock.now == pytest.approx(1001)  # in case its request is on its way


async def test_a_connection_that_comes_when_the_server_closes_is_refused(accept: Accept) -> None:
    client = accept(closing=True)
    assert await client.get_status() == 503


async def test_a_request_that_came_in_the_same_turn_is_refused(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()
    client.protocol.data_received(request())
    client.protocol.shut_down(1001, "")
    await client.peer.turn()
    assert await client.get_status() == 503


@pytest.mark.parametrize("stubborn", [False, True])
async def test_a_request_that_the_application_considers_is_refused(
    accept: Accept, stubborn: bool
) -> None:
    async def decide(path: str, headers: Headers) -> None:
        try:
            await asyncio.sleep(5)
        except asyncio.CancelledError:
            if not stubborn:
                raise

    client = accept(process_request=decide)
    await client.peer.send(request())
    await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 503
    await client.peer.send_eof()
    await client.protocol.handler_task


async def test_a_server_may_close_because_of_a_request(accept: Accept) -> None:
    class Closing(WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: Headers) -> None:
            self.shut_down(1001, "")

    client = accept(make=Closing)
    await client.peer.send(request())
    assert await client.get_status() == 503
    assert not client.transport.aborted
    await client.peer.send_eof()
    await client.protocol.handler_task


async def test_a_request_that_was_refused_stays_so(accept: Accept) -> None:
    client = accept()
    await client.peer.send(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    await client.peer.turn()
    client.protocol.shut_down(1001, "")
    assert await client.get_status() == 426


async def test_a_handler_sees_that_the_server_closes(accept: Accept) -> None:
    seen = []

    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        with pytest.raises(ConnectionClosedOK) as caught:
            await connection.recv()
        seen.append(caught.value.code)

    client = accept(handler)
    await client.open()
    client.protocol.shut_down(1001, "")
    await client.peer.send(client.peer.close(1001))
    await client.protocol.handler_task
    assert seen == [1001]


# What is left behind


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize(
    "data",
    [
        request(),
        b"",
        b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
        request(Sec_WebSocket_Version="12"),
        request(Origin="https://example.com"),
    ],
)
@pytest.mark.parametrize("end", ["lost", "timeout"])
async def test_a_connection_is_freed_without_collecting_garbage(
    accept: Accept, data: bytes, end: str
) -> None:
    client = accept(origins=[None])
    if data:
        await client.peer.send(data)
    await client.peer.turn()
    if end == "lost":
        await client.peer.lose(ConnectionResetError())
    elif client.protocol.open:
        client.protocol.shut_down(1001, "")
    await client.protocol.handler_task
    reference = weakref.ref(client.protocol)
    del client
    await asyncio.sleep(0)
    assert reference() is None
