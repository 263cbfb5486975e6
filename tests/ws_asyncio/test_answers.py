"""What the application makes of a request: a subprotocol, headers, an answer, an error."""

from __future__ import annotations

import asyncio
import logging
import sys
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_asyncio.clients import request
from ws_asyncio.server_protocol import WebSocketServerProtocol
from ws_frames import ConnectionClosed, State
from ws_http import AbortHandshake, Headers, InvalidHeader, Subprotocol

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Accept


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


@pytest.mark.parametrize("kind", ["coroutine", "function", "method", "plain method"])
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

    class ProcessingAtOnce(WebSocketServerProtocol):
        def process_request(self, path: str, request_headers: Headers) -> Any:
            return function(path, request_headers)

    if "method" in kind:
        client = accept(make=Processing if kind == "method" else ProcessingAtOnce)
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


async def test_no_body_is_an_empty_one(accept: Accept) -> None:
    client = accept(process_request=lambda path, headers: (200, [], None))
    await client.peer.send(request())
    assert await client.get_status() == 200
    assert b"\r\nContent-Length: 0\r\n" in client.transport.writes[0]


class Mute(Exception):
    def __str__(self) -> str:
        raise RuntimeError("no text")


@pytest.mark.parametrize(
    ("exception", "status"),
    [
        (AbortHandshake(HTTPStatus.FORBIDDEN, [], b"no"), 403),
        (InvalidHeader("X-Key"), 400),
        (ValueError("mine"), 500),
        (asyncio.TimeoutError(), 500),
        (ConnectionResetError(), 500),
        (Mute(), 500),
        (AbortHandshake(999, []), 500),
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


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tasks count requests from Python 3.11 on")
async def test_what_is_cancelled_inside_the_application_refuses_the_request(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    async def decide(path: str, headers: Headers) -> None:
        future = asyncio.get_running_loop().create_future()
        future.cancel()
        await future

    client = accept(process_request=decide)
    await client.peer.send(request())
    assert await client.get_status() == 500
    assert [record.message for record in caplog.records if record.levelno >= logging.ERROR] == [
        "opening handshake failed"
    ]
    await client.peer.lose()
    await client.protocol.handler_task


@pytest.mark.parametrize("answer", [None, (200, [], b"OK\n")])
@pytest.mark.parametrize("tls", [False, True])
async def test_a_client_may_end_its_side_while_the_application_decides(
    accept: Accept, answer: Any, tls: bool
) -> None:
    async def decide(path: str, headers: Headers) -> Any:
        await asyncio.sleep(1)
        return answer

    client = accept(process_request=decide)
    client.transport.has_eof = not tls  # it can't end one side alone
    await client.peer.send(request())
    await client.peer.turn()
    await client.peer.send_eof()
    await client.protocol.handler_task
    assert client.transport.lost
    assert not client.transport.aborted
    statuses = [int(data.split()[1]) for data in client.transport.writes]
    assert statuses == ([] if tls or answer is None else [200])
    assert client.protocol.state is State.CLOSED


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


async def test_a_header_that_should_be_there_once_refuses_the_request(
    accept: Accept, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    client = accept(process_request=lambda path, headers: headers["X-Key"] and None)
    await client.peer.send(request().replace(b"\r\n\r\n", b"\r\nX-Key: 1\r\nX-Key: 2\r\n\r\n"))
    assert await client.get_status() == 400
    text = "no connection: invalid X-Key header: several of them; answered HTTP 400"
    assert caplog.messages == [text]
    await client.peer.lose()
    await client.protocol.handler_task
