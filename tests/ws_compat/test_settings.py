"""Settings that are changed while the connection is open."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from tests.ws_asyncio.clocks import Clock
from tests.ws_asyncio.peers import FakeTransport, Peer
from ws_asyncio.testing import connected_pair
from ws_compat import WebSocketCommonProtocol, WebSocketServerProtocol
from ws_deflate import ClientPerMessageDeflateFactory, ServerPerMessageDeflateFactory
from ws_frames import ConnectionClosedError, Opcode
from ws_http import Headers, Opening

OPENING = Opening("/", Headers(), Headers(), None, (), b"")


@pytest.fixture
async def clock() -> AsyncIterator[Clock]:
    clock = Clock()
    with clock.run(asyncio.get_running_loop()):
        yield clock


@pytest.fixture
async def peer(clock: Clock) -> Peer:
    protocol, transport = WebSocketCommonProtocol(), FakeTransport()
    transport.protocol = protocol
    protocol.connection_made(transport)
    protocol.connection_open(OPENING)
    return Peer(protocol, transport)


def pings(peer: Peer) -> int:
    return [frame.opcode for frame in peer.frames].count(Opcode.PING)


async def test_pings_are_sent_at_a_new_interval(peer: Peer) -> None:
    peer.protocol.ping_interval = 5
    await asyncio.sleep(5.1)
    assert pings(peer) == 1


async def test_pings_are_sent_no_more(peer: Peer) -> None:
    peer.protocol.ping_interval = None
    await asyncio.sleep(50)
    assert pings(peer) == 0


async def test_a_pong_may_take_another_time(peer: Peer) -> None:
    peer.protocol.ping_timeout = 3
    await asyncio.sleep(22.9)
    assert peer.protocol.open
    await asyncio.sleep(0.2)
    assert [close.code for close in peer.closes] == [1011]


async def test_closing_may_take_another_time(peer: Peer) -> None:
    peer.protocol.close_timeout = 1
    closing = await peer.start(peer.protocol.close())
    await asyncio.sleep(2.1)
    assert closing.done()
    peer.protocol.close_timeout = 2  # which makes no difference any more
    assert peer.protocol.close_timeout == 2


async def test_a_connection_that_closes_sends_no_pings(peer: Peer) -> None:
    closing = await peer.start(peer.protocol.close())
    peer.protocol.ping_interval = 1
    await asyncio.sleep(5)
    assert pings(peer) == 0
    await peer.lose()
    await closing


PLAIN: dict[str, Any] = {
    "create_server": WebSocketServerProtocol,
    "server_options": {"max_size": 1000},
}
COMPRESSED: dict[str, Any] = {
    "create_server": WebSocketServerProtocol,
    "client_options": {"extensions": [ClientPerMessageDeflateFactory()]},
    "server_options": {"extensions": [ServerPerMessageDeflateFactory()], "max_size": 1000},
}


@pytest.mark.parametrize("pair", [PLAIN, COMPRESSED], ids=["plain", "compressed"])
async def test_messages_may_have_another_size(pair: dict[str, Any]) -> None:
    async with connected_pair(**pair) as (client, server):
        server.max_size = 5000
        await client.send("a" * 5000)
        assert len(await server.recv()) == 5000
        server.max_size = 100
        await client.send("a" * 101)
        with pytest.raises(ConnectionClosedError):
            await server.recv()
        assert client.close_code == 1009


def test_before_there_is_a_connection_a_setting_is_what_it_will_have() -> None:
    protocol = WebSocketCommonProtocol(max_size=5)
    protocol.max_size = 6
    assert protocol.max_size == 6
    assert WebSocketCommonProtocol.max_size is not None
