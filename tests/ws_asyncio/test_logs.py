from __future__ import annotations

import itertools
import logging
import uuid

import pytest

from tests.ws_asyncio.servers import serving
from ws_asyncio import WebSocketServerProtocol, connect
from ws_asyncio.logs import show_event
from ws_asyncio.testing import connected_pair
from ws_frames import Close, Failure, Ping, Pong, ProtocolError


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ("héllo", "TEXT [6 bytes] 'héllo'"),
        ("\x1b[2J", "TEXT [4 bytes] '\\x1b[2J'"),
        (b"\x00\x01", "BINARY [2 bytes] 00 01"),
        (bytearray(b"\x00"), "BINARY [1 byte] 00"),
        (memoryview(b"\x00"), "BINARY [1 byte] 00"),
        (Ping(b"ab"), "PING 61 62"),
        (Pong(b"", ()), "PONG "),
        (Close(1000, "\x07bye"), "CLOSE code = 1000 (OK), reason = \\x07bye"),
        (Failure(ProtocolError("reserved opcode 0x3")), "failure: reserved opcode 0x3"),
        (["a", "b"], "fragments from list"),
    ],
)
def test_events_are_shown_in_one_line(event: object, shown: str) -> None:
    assert show_event(event) == shown


async def test_debug_shows_the_whole_life_of_a_connection(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "websockets"):
        async with connected_pair(path="/chat") as (client, server):
            await client.send("Hello")
            await server.recv()
            await server.send(["a", "b"])
            await client.recv()
            await (await client.ping(b"abc"))
    for name, shown in [
        ("client", "> GET /chat"),
        ("server", "< GET /chat"),
        ("server", "> 101 Switching Protocols"),
        ("client", "< Upgrade: websocket"),
        ("client", "> TEXT [5 bytes] 'Hello'"),
        ("server", "< TEXT [5 bytes] 'Hello'"),
        ("server", "> fragments from list"),
        ("client", "< TEXT [2 bytes] 'ab'"),
        ("client", "> PING 61 62 63"),
        ("server", "< PING 61 62 63"),
        ("client", "< PONG 61 62 63"),
        ("client", "> CLOSE code = 1000 (OK), no reason"),
        ("server", "connection closed: code = 1000 (OK), no reason"),
    ]:
        assert (f"websockets.{name}", shown) in [(r.name, r.message) for r in caplog.records]


async def test_records_name_their_connection(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "websockets.client"):
        async with connected_pair() as (client, _):
            pass
    assert caplog.records
    for record in caplog.records:
        assert vars(record)["websocket"] is client
        assert vars(record)["websocket_id"] == str(client.id)


async def test_what_is_not_logged_needs_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """A random identifier takes a call of the system."""

    async def receive(ws: WebSocketServerProtocol) -> None:
        await ws.recv()  # raises ConnectionClosed

    numbers = itertools.count()
    monkeypatch.setattr(uuid, "uuid4", lambda: next(numbers))
    async with serving(receive) as uri, connect(uri):
        pass
    assert next(numbers) == 0  # no other was


async def test_credentials_are_never_logged(caplog: pytest.LogCaptureFixture) -> None:
    secrets = {"Authorization": "Basic c2VjcmV0", "Cookie": "session=secret"}
    with caplog.at_level(logging.DEBUG, "websockets"):
        async with connected_pair(client_options={"extra_headers": secrets}):
            pass
    assert "Authorization: ***" in caplog.text
    assert "secret" not in caplog.text
    assert "c2VjcmV0" not in caplog.text


async def test_a_quiet_logger_is_asked_once_a_connection(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "websockets"):
        async with connected_pair() as (client, server):
            await client.send("Hello")
            await server.recv()
    assert caplog.records == []


async def test_a_logger_can_be_given(caplog: pytest.LogCaptureFixture) -> None:
    logger = logging.getLogger("mine")
    with caplog.at_level(logging.DEBUG, "mine"):
        async with connected_pair(client_options={"logger": logger}):
            pass
    assert {record.name for record in caplog.records} == {"mine"}
