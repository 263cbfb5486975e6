"""What is known of a connection at each moment."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import Role, State

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Establish


class Unopened(WebSocketCommonProtocol):
    """A connection without a handshake."""

    side = "server"
    _role = Role.SERVER


async def test_before_the_handshake_a_connection_is_connecting(clock: Clock) -> None:
    connection = Unopened()
    assert connection.state is State.CONNECTING
    assert (connection.close_code, connection.close_reason) == (None, None)
    assert (connection.open, connection.closed, connection.latency) == (False, False, 0.0)


async def test_the_states_of_a_closing_handshake(establish: Establish, role: Role) -> None:
    peer = establish(role)
    seen = []

    def see() -> None:
        connection = peer.protocol
        seen.append((connection.state, connection.close_code, connection.close_reason))

    def answer() -> None:
        peer.protocol.data_received(peer.close(3000, "bye"))
        see()

    see()
    task = await peer.start(peer.protocol.close())
    see()
    await peer.call(answer)
    await peer.lose()
    await task
    see()
    assert seen == [
        (State.OPEN, None, None),
        (State.CLOSING, None, None),
        (State.CLOSING, None, None),
        (State.CLOSED, 3000, "bye"),
    ]


async def test_a_connection_knows_its_addresses(establish: Establish) -> None:
    peer = establish()
    assert peer.protocol.local_address == ("192.0.2.1", 1)
    assert peer.protocol.remote_address == ("192.0.2.2", 2)


async def test_each_connection_has_an_id(establish: Establish) -> None:
    ids = [establish().protocol.id for _ in range(3)]
    assert {type(each) for each in ids} == {uuid.UUID}
    assert len(set(ids)) == 3


async def test_a_program_may_keep_a_connection_of_its_own_in_one(establish: Establish) -> None:
    peer = establish()
    peer.protocol._connection = object()  # type: ignore[attr-defined]
    await peer.protocol.send("Hello")
    assert peer.protocol.open
