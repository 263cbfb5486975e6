"""Between a transport and a connection: what asyncio calls, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import pytest

from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import (
    ConnectionClosedError,
    Opcode,
    PreparedMessage,
    Role,
)
from ws_http import Headers, Opening

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Attach, Establish

from tests.ws_asyncio.applications import echo, shapes
from tests.ws_asyncio.peers import FakeTransport, ServerSide

TEXT, BINARY, PING = Opcode.TEXT, Opcode.BINARY, Opcode.PING
PONG, CLOSE = Opcode.PONG, Opcode.CLOSE


# Life


class Unopened(WebSocketCommonProtocol):
    """A client before its handshake."""

    is_client = True
    side = "client"
    _role = Role.CLIENT

    def _receive_handshake(self, data: bytes) -> None:
        """Be told of data."""

    def _receive_handshake_eof(self) -> None:
        """Be told of the end."""


async def test_bytes_that_came_with_the_handshake_are_acted_on(
    establish: Establish, role: Role
) -> None:
    plain = establish(role)
    peer = establish(role, trailing=plain.text("first") + plain.ping(b"1"))
    assert await peer.protocol.recv() == "first"
    await peer.turn()
    assert shapes(peer.frames) == [(PONG, b"1")]


async def test_bytes_that_came_with_the_handshake_are_seen_by_the_application_first(
    establish: Establish, role: Role
) -> None:
    plain = establish(role)
    peer = establish(role, trailing=plain.text("first") + plain.close())
    asyncio.get_running_loop().call_later(1, peer.transport.lose)
    await echo(peer.protocol)
    assert shapes(peer.frames) == [(TEXT, b"first"), (CLOSE, b"\x03\xe8")]


async def test_bytes_that_came_with_the_handshake_may_fill_the_queue(
    establish: Establish, role: Role
) -> None:
    plain = establish(role)
    peer = establish(role, trailing=plain.text("a") + plain.text("b"), max_queue=2)
    await peer.turn()
    reading = [peer.transport.reading]
    assert [await peer.protocol.recv(), await peer.protocol.recv()] == ["a", "b"]
    task = await peer.start(peer.protocol.recv())
    reading.append(peer.transport.reading)
    assert reading == [False, True]
    await peer.send(peer.text("c"))
    assert await task == "c"


async def test_a_connection_may_be_lost_before_the_handshake_is_over(
    establish: Establish, role: Role
) -> None:
    plain = establish(role)
    peer = establish(role, trailing=plain.text("first") + plain.ping(), lost=True)
    assert await peer.protocol.recv() == "first"
    with pytest.raises(ConnectionClosedError):
        await peer.protocol.recv()
    assert peer.frames == []


async def test_debug_shows_what_goes_both_ways(
    establish: Establish, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, f"websockets.{role.value}")
    peer = establish(role)
    await peer.send(peer.text("a"), peer.frame(Opcode.BINARY, b"b"), peer.ping(b"c"))
    await peer.protocol.send("d")
    await peer.protocol.send(["e", "f"])
    await peer.protocol.ping(b"g")
    peer.protocol.push(PreparedMessage(b"h"))
    task = await peer.start(peer.protocol.close(1001, "bye"))
    await peer.send(peer.close(1001, "bye"))
    await peer.lose()
    await task
    assert caplog.messages == [
        "< TEXT [1 byte] 'a'",
        "< BINARY [1 byte] 62",
        "< PING 63",
        "> TEXT [1 byte] 'd'",
        "> fragments from list",
        "> PING 67",
        "> BINARY [1 byte] 68",
        "> CLOSE code = 1001 (going away), reason = bye",
        "< CLOSE code = 1001 (going away), reason = bye",
        "connection closed: code = 1001 (going away), reason = bye",
    ]


async def test_a_transport_may_be_full_during_the_handshake(attach: Attach) -> None:
    peer = attach(Unopened(write_limit=10))
    peer.transport.stall()
    peer.transport.write(b"x" * 20)
    await peer.flow()
    assert peer.transport.writes == [b"x" * 20]


# Transports


async def test_a_transport_that_knows_no_protocols_will_do(
    establish: Establish, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(FakeTransport, "get_protocol", asyncio.Transport.get_protocol)
    monkeypatch.setattr(FakeTransport, "set_protocol", asyncio.Transport.set_protocol)
    peer = establish(Role.SERVER)
    await peer.send(peer.text("a"))
    assert await peer.protocol.recv() == "a"


async def test_a_transport_stays_with_a_protocol_that_hands_on_what_it_is_called_for(
    attach: Attach,
) -> None:
    class Framework(asyncio.Protocol):
        """As frameworks do that speak HTTP themselves until there is an upgrade."""

        def data_received(self, data: bytes) -> None:
            connection.data_received(data)

    connection = ServerSide(ping_interval=None)
    peer = attach(connection)
    framework = peer.transport.protocol = Framework()
    connection.connection_open(Opening("/", Headers(), Headers(), None, (), b""))
    assert peer.transport.get_protocol() is framework
    framework.data_received(peer.text("a"))
    assert await connection.recv() == "a"


async def test_a_subclass_may_have_a_look_at_what_arrives(attach: Attach) -> None:
    seen: list[bytes] = []

    class Looking(ServerSide):
        def data_received(self, data: bytes) -> None:
            seen.append(data)
            super().data_received(data)

    connection = Looking(ping_interval=None)
    peer = attach(connection)
    connection.connection_open(Opening("/", Headers(), Headers(), None, (), b""))
    frames = [peer.text("a"), peer.text("b")]
    await peer.send(*frames)
    assert [await connection.recv(), await connection.recv()] == ["a", "b"]
    assert b"".join(seen) == b"".join(frames)
