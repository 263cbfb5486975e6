"""The server's side of a connection, RFC 6455 §4.2."""

from __future__ import annotations

import asyncio
import builtins
import logging
import sys
import weakref
from typing import TYPE_CHECKING

import pytest

from tests.ws_asyncio.clients import Server, echo, request
from tests.ws_asyncio.peers import FakeTransport, Peer
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_frames import Close, ConnectionClosed, ConnectionClosedOK, Opcode, State
from ws_http import Headers

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Accept

TEXT, CLOSE = Opcode.TEXT, Opcode.CLOSE


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


class Skipped(BaseException):
    """What isn't meant to be caught on the way."""


async def test_no_exception_of_the_handler_leaves_the_connection_open(accept: Accept) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        raise Skipped

    client = accept(handler)
    await client.open()
    with pytest.raises(Skipped):
        await client.protocol.handler_task
    assert client.peer.closes == [Close(1011)]
    assert client.server.events == ["register"]
    await client.peer.send_eof()
    await client.peer.turn()
    assert client.server.events == ["register", "unregister"]


def test_a_handler_that_outlives_its_event_loop_is_let_go() -> None:
    loop = asyncio.new_event_loop()

    async def main() -> WebSocketServerProtocol:
        protocol = WebSocketServerProtocol(echo, Server(), ping_interval=None)
        peer = Peer(protocol, FakeTransport())
        peer.transport.protocol = protocol
        protocol.connection_made(peer.transport)
        await peer.turn()
        await peer.send(request())
        await peer.turn()
        assert protocol.open
        return protocol

    protocol = loop.run_until_complete(main())
    loop.close()
    protocol.handler_task._log_destroy_pending = False  # type: ignore[attr-defined]
    protocol.handler_task.get_coro().close()  # as when it is freed
    assert not protocol.transport.is_closing()


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


@pytest.mark.parametrize("others", [[], [ValueError("mine")]])
async def test_tasks_that_do_not_expect_the_end_leave_no_error_but_their_own(
    accept: Accept, others: list[Exception], caplog: pytest.LogCaptureFixture
) -> None:
    group = getattr(builtins, "ExceptionGroup", None)
    if group is None:
        pytest.skip("there are groups from Python 3.11 on")

    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        try:
            await connection.recv()
        except ConnectionClosed as exc:
            inner = group("one of them", [exc, *others])
            raise group("unhandled errors in a TaskGroup", [exc, inner]) from None

    client = accept(handler)
    await client.open()
    await client.peer.lose(ConnectionResetError())
    await client.protocol.handler_task
    errors = [record.message for record in caplog.records if record.levelno >= logging.INFO]
    assert errors == ["connection handler failed"] * len(others)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tasks count requests from Python 3.11 on")
async def test_a_handler_that_waits_for_what_is_cancelled_fails(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    async def handler(connection: WebSocketServerProtocol, path: str) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    client = accept(handler)
    await client.open()
    await client.peer.turn()
    assert client.peer.closes == [Close(1011)]
    assert [record.message for record in caplog.records] == ["connection handler failed"]
    await client.peer.send_eof()
    await client.protocol.handler_task


async def test_a_cancelled_handler_ends_the_connection_at_once(accept: Accept) -> None:
    client = accept()
    await client.open()
    client.protocol.handler_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.protocol.handler_task
    assert client.peer.closes == [Close(1001)]
    assert client.transport.closing
    assert client.server.events == ["register", "unregister"]


@pytest.mark.parametrize("why", ["stalled", "TLS"])
async def test_a_cancelled_handler_does_not_wait_for_a_slow_peer(accept: Accept, why: str) -> None:
    client = accept()
    await client.open()
    client.transport.stall()
    client.transport.has_eof = why != "TLS"
    client.transport.write(b"x" * (100_000 if why == "stalled" else 1))
    client.protocol.handler_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.protocol.handler_task
    await client.peer.turn()
    assert client.transport.lost
    assert client.server.events == ["register", "unregister"]


async def test_a_cancelled_handshake_ends_the_connection_at_once(accept: Accept) -> None:
    client = accept()
    await client.peer.turn()
    client.protocol.handler_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await client.protocol.handler_task
    assert client.transport.aborted
    assert client.transport.writes == []


async def test_a_task_that_is_cancelled_before_it_runs_leaves_no_connection(accept: Accept) -> None:
    client = accept()
    client.protocol.handler_task.cancel()
    await client.peer.turn()
    assert client.transport.aborted
    assert client.server.events == ["register", "unregister"]


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


async def test_debug_shows_the_request_and_the_response(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "websockets.server")
    await accept().open(target="/chat", X_Extra="1")
    assert "< GET /chat" in caplog.messages
    assert "< X-Extra: 1" in caplog.messages
    assert "> 101 Switching Protocols" in caplog.messages


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
