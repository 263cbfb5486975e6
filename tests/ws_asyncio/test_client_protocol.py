"""The client's side of a connection, RFC 6455 §4.1."""

from __future__ import annotations

import asyncio
import gc
import logging
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio.client_protocol import WebSocketClientProtocol
from ws_frames import Opcode, State
from ws_http import (
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidMessage,
    InvalidStatusCode,
    InvalidUpgrade,
    NegotiationError,
    Origin,
    RedirectHandshake,
    ServerHandshake,
    Subprotocol,
    parse_uri,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Attach
    from tests.ws_asyncio.peers import Peer

URI = parse_uri("ws://localhost/chat?room=1")


def respond(request: bytes, **options: Any) -> bytes:
    """Answer a request as a server does that takes it."""
    handshake = ServerHandshake(**options)
    handshake.receive_data(request)
    return handshake.accept()


async def open_connection(attach: Attach, *rest: bytes, **options: Any) -> Peer:
    peer = attach(WebSocketClientProtocol(ping_interval=None, **options))
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(respond(peer.transport.writes.pop()), *rest)
    await task
    return peer


def client_of(peer: Peer) -> WebSocketClientProtocol:
    assert isinstance(peer.protocol, WebSocketClientProtocol)
    return peer.protocol


async def test_a_response_opens_the_connection(attach: Attach) -> None:
    peer = await open_connection(attach)
    client = client_of(peer)
    assert client.state is State.OPEN
    assert client.path == "/chat?room=1"
    assert client.request_headers["Host"] == "localhost"
    assert client.response_headers["Upgrade"] == "websocket"
    assert (client.subprotocol, client.extensions) == (None, [])
    await client.send("a")
    assert [frame.data for frame in peer.frames] == [b"a"]


async def test_the_response_may_come_byte_by_byte(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol(ping_interval=None))
    task = await peer.start(client_of(peer).handshake(URI))
    for byte in respond(peer.transport.writes.pop()) + peer.text("first"):
        await peer.send(bytes([byte]))
    await task
    assert await peer.protocol.recv() == "first"


async def test_what_comes_with_the_response_is_received(attach: Attach) -> None:
    plain = await open_connection(attach)
    peer = await open_connection(attach, plain.text("first"), plain.close(1001, "bye"))
    assert await peer.protocol.recv() == "first"
    await peer.turn()
    assert [frame.opcode for frame in peer.frames] == [Opcode.CLOSE]


async def test_the_request_is_what_the_options_ask_for(attach: Attach) -> None:
    client = WebSocketClientProtocol(
        origin=Origin("https://example.org"),
        subprotocols=[Subprotocol("chat"), Subprotocol("talk")],
        extra_headers={"X-Extra": "1"},
        ping_interval=None,
    )
    peer = attach(client)
    task = await peer.start(client.handshake(URI))
    request = peer.transport.writes.pop()
    assert request.startswith(b"GET /chat?room=1 HTTP/1.1\r\n")
    for line in (b"Origin: https://example.org", b"X-Extra: 1", b"User-Agent: Python/"):
        assert b"\r\n" + line in request
    await peer.send(respond(request, subprotocols=["talk"]))
    await task
    assert client.subprotocol == "talk"


async def test_debug_shows_the_request_and_the_response(
    attach: Attach, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "websockets.client")
    await open_connection(attach, extra_headers={"X-Extra": "1"})
    assert "> GET /chat?room=1" in caplog.messages
    assert "> X-Extra: 1" in caplog.messages
    assert "< 101 Switching Protocols" in caplog.messages


async def test_debug_shows_no_response_where_there_is_none(
    attach: Attach, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "websockets.client")
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.lose()
    with pytest.raises(InvalidMessage):
        await task
    assert [message for message in caplog.messages if message.startswith("<")] == []


def response(status: str, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode()


@pytest.mark.parametrize(
    ("data", "exception"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", InvalidMessage),
        (response("200 OK", **{"Content-Length": "0"}), InvalidStatusCode),
        (response("302 Found", Location="/other"), RedirectHandshake),
        (response("101 Switching Protocols"), InvalidUpgrade),
        (response("101 S", Upgrade="websocket", Connection="upgrade"), InvalidHeader),
    ],
)
async def test_a_response_that_does_not_open_the_connection_is_raised(
    attach: Attach, data: bytes, exception: type[Exception]
) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(data)
    with pytest.raises(exception):
        await task
    states = [peer.protocol.state]
    await peer.lose()
    states.append(peer.protocol.state)
    assert states == [State.CONNECTING, State.CLOSED]


async def test_a_subprotocol_that_was_not_offered_is_refused(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    accepted = respond(peer.transport.writes.pop())
    await peer.send(accepted[:-2] + b"Sec-WebSocket-Protocol: chat\r\n\r\n")
    with pytest.raises(NegotiationError):
        await task


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 101 Swi", b"HTTP/1.1 101 S\r\nUpgrade: "])
@pytest.mark.parametrize("exc", [None, ConnectionResetError(104, "reset")])
async def test_the_loss_of_tcp_before_the_response_is_raised(
    attach: Attach, data: bytes, exc: Exception | None
) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    if data:
        await peer.send(data)
    await peer.lose(exc)
    with pytest.raises(InvalidMessage, match="connection closed") as caught:
        await task
    assert caught.value.__cause__ is exc
    assert (peer.protocol.state, peer.protocol.close_code) == (State.CLOSED, 1006)
    assert peer.protocol.close_reason == ""
    await peer.protocol.wait_closed()


async def test_the_end_of_the_server_s_side_before_the_response_is_raised(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send_eof()
    with pytest.raises(InvalidMessage, match="connection closed"):
        await task


async def test_the_loss_of_tcp_before_the_request_is_raised(attach: Attach, clock: Clock) -> None:
    peer = attach(WebSocketClientProtocol())
    await peer.send(b"HTTP/1.1 503 Too early\r\n\r\n")
    reset = ConnectionResetError(104, "reset")
    await peer.lose(reset)
    with pytest.raises(InvalidMessage, match="connection closed") as caught:
        await asyncio.wait_for(client_of(peer).handshake(URI), 10)
    assert caught.value.__cause__ is reset
    assert clock.now == 1000


async def test_tcp_may_be_lost_right_after_the_response(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))

    def read_and_lose() -> None:
        accepted = respond(peer.transport.writes.pop())
        peer.protocol.data_received(accepted + peer.text("last") + peer.close())
        peer.transport.lose()

    await peer.call(read_and_lose)
    await task
    assert [message async for message in peer.protocol] == ["last"]
    assert peer.protocol.close_code == 1000
    await peer.protocol.wait_closed()


async def test_a_handshake_that_nobody_waits_for_any_more_is_dropped(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await peer.send(respond(peer.transport.writes.pop()))
    assert peer.protocol.state is State.CONNECTING
    peer.protocol.fail_connection(1011)
    assert peer.transport.aborted
    await peer.turn()
    gc.collect()


async def test_what_follows_an_error_is_ignored(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(b"\x00\x00")
    await peer.send(b"more")
    await peer.send_eof()
    with pytest.raises(InvalidMessage):
        await task


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("data", [b"\x00", response("403 No"), response("302 F", Location="/")])
async def test_a_failed_handshake_leaves_no_cyclic_garbage(attach: Attach, data: bytes) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(data)
    peer.transport.abort()
    await peer.turn()
    assert isinstance(task.exception(), InvalidHandshake)
    reference = weakref.ref(peer.protocol)
    del peer, task
    await asyncio.sleep(0)
    assert reference() is None


async def test_the_body_of_a_refusal_may_take_a_second(attach: Attach, clock: Clock) -> None:
    peer = attach(WebSocketClientProtocol())
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(b"HTTP/1.1 403 No\r\n\r\nnot ")
    await asyncio.sleep(0.9)
    await peer.send(b"for")
    assert not task.done()
    await asyncio.sleep(0.2)
    refusal = task.exception()
    assert isinstance(refusal, InvalidStatusCode)
    assert (refusal.status_code, refusal.body) == (403, b"not for")
    assert clock.now == pytest.approx(1001.1)


async def test_headers_of_the_connection_are_empty_before_the_handshake(attach: Attach) -> None:
    client = WebSocketClientProtocol()
    assert (client.path, client.request_headers, client.response_headers) == (
        "",
        Headers(),
        Headers(),
    )


async def test_what_comes_before_the_request_counts(attach: Attach) -> None:
    peer = attach(WebSocketClientProtocol())
    await peer.send(b"220 mail.example ")
    reading = [peer.transport.reading]  # nobody may need it
    task = await peer.start(client_of(peer).handshake(URI))
    reading.append(peer.transport.reading)
    assert reading == [False, True]
    await peer.send(b"ESMTP\r\n")
    with pytest.raises(InvalidMessage):
        await task


@pytest.mark.parametrize("data", [b"", b"HTTP/1.1 403 No\r\n"])
async def test_of_a_response_without_its_end_only_a_refusal_is_taken(
    attach: Attach, data: bytes
) -> None:
    peer = attach(WebSocketClientProtocol())
    client_of(peer).take_partial_response()
    task = await peer.start(client_of(peer).handshake(URI))
    await peer.send(data)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    client_of(peer).take_partial_response()
