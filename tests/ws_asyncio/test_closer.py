"""One closing procedure for every cause, RFC 6455 §7.1."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import TYPE_CHECKING, Callable

import pytest

from ws_asyncio.closer import Closer
from ws_asyncio.disconnector import Disconnector
from ws_frames import Close, Connection, Inbox, Opcode, Outbox, Role, encode_frame

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.peers import FakeTransport

LIMIT = 100_000


class Protocol(asyncio.Protocol):
    """A protocol that has only what is needed to close."""

    def __init__(self, role: Role, transport: FakeTransport) -> None:
        self.connection = Connection(role)
        self.outbox = Outbox(transport, transport.loop.call_soon, Inbox(), limit=LIMIT)
        self.disconnector = Disconnector(transport.loop, transport, 10)
        self.closer = Closer(self.connection, self.outbox, self.disconnector)

    def pause_writing(self) -> None:
        self.outbox.paused = True

    def resume_writing(self) -> None:
        self.outbox.paused = False

    def receive_close(self) -> None:
        masked = self.connection.role is Role.SERVER
        body = Close(1000).serialize()
        self.connection.receive_data(encode_frame(0x80 | Opcode.CLOSE, body, masked))
        assert self.connection.next_event() == Close(1000)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connection.receive_eof()
        self.disconnector.stop()


Make = Callable[[Role], Protocol]


@pytest.fixture
def make(transport: FakeTransport, clock: Clock) -> Iterator[Make]:
    def make(role: Role) -> Protocol:
        protocol = Protocol(role, transport)
        transport.protocol = protocol
        return protocol

    yield make
    transport.lose()


async def test_nothing_happens_to_an_open_connection(
    make: Make, role: Role, transport: FakeTransport
) -> None:
    protocol = make(role)
    protocol.outbox.write(b"a", True)
    protocol.closer.advance()
    assert transport.writes == []
    await asyncio.sleep(60)
    assert not transport.closing
    assert not transport.eof


async def test_our_close_goes_out_at_once_and_the_peer_has_some_time_to_answer(
    make: Make, role: Role, transport: FakeTransport
) -> None:
    protocol = make(role)
    protocol.outbox.write(b"a", True)
    protocol.connection.send_close()
    protocol.closer.advance()
    assert transport.writes == [b"a"]
    await asyncio.sleep(9.9)
    assert (transport.closing, transport.aborted) == (False, False)
    await asyncio.sleep(0.2)
    assert (transport.closing, transport.aborted) == (True, False)


async def test_the_server_ends_tcp_when_both_have_sent_a_close(
    make: Make, transport: FakeTransport
) -> None:
    protocol = make(Role.SERVER)
    protocol.outbox.write(b"a", True)
    protocol.receive_close()
    protocol.closer.advance()
    assert transport.writes == [b"a"]
    assert transport.eof


async def test_the_server_reads_on_for_a_second_lest_the_end_of_tcp_be_a_reset(
    make: Make, transport: FakeTransport
) -> None:
    protocol = make(Role.SERVER)
    transport.pause_reading()
    protocol.receive_close()
    protocol.closer.advance()
    assert (transport.reading, transport.closing) == (True, False)
    await asyncio.sleep(0.9)
    before = transport.closing
    await asyncio.sleep(0.2)
    assert (before, transport.closing, transport.aborted) == (False, True, False)


async def test_the_server_ends_tcp_with_the_peer(make: Make, transport: FakeTransport) -> None:
    protocol = make(Role.SERVER)
    protocol.receive_close()
    protocol.closer.advance()
    protocol.closer.disconnect()  # what the end of the peer's side brings about
    assert transport.closing


async def test_the_server_has_the_time_limit_for_what_is_still_to_be_written(
    make: Make, transport: FakeTransport
) -> None:
    protocol = make(Role.SERVER)
    transport.stall()
    protocol.outbox.write(b"a")
    protocol.receive_close()
    protocol.closer.advance()
    await asyncio.sleep(10.9)
    before = transport.aborted
    await asyncio.sleep(0.2)
    assert (before, transport.aborted) == (False, True)


async def test_the_client_leaves_the_end_of_tcp_to_the_server_for_some_time(
    make: Make, transport: FakeTransport
) -> None:
    protocol = make(Role.CLIENT)
    protocol.outbox.write(b"a", True)
    protocol.receive_close()
    protocol.closer.advance()
    assert transport.writes == [b"a"]
    await asyncio.sleep(9.9)
    before = transport.closing
    await asyncio.sleep(0.2)
    assert (before, transport.closing) == (False, True)


async def test_the_time_begins_anew_with_the_answer_to_our_close(
    make: Make, transport: FakeTransport
) -> None:
    protocol = make(Role.CLIENT)
    protocol.connection.send_close()
    protocol.closer.advance()
    await asyncio.sleep(9)
    protocol.receive_close()
    protocol.closer.advance()
    await asyncio.sleep(9)
    before = transport.closing
    await asyncio.sleep(2)
    assert (before, transport.closing) == (False, True)


async def test_a_failed_connection_lingers(
    make: Make, role: Role, transport: FakeTransport
) -> None:
    protocol = make(role)
    protocol.outbox.write(b"a", True)
    protocol.connection.fail(1011)
    protocol.closer.advance()
    assert transport.writes == [b"a"]
    assert (transport.eof, transport.closing) == (True, False)
    await asyncio.sleep(10.1)
    assert transport.aborted


async def test_before_the_end_of_tcp_all_is_handed_to_a_full_transport(
    make: Make, role: Role, transport: FakeTransport, clock: Clock
) -> None:
    transport.set_write_buffer_limits(LIMIT)
    protocol = make(role)
    transport.stall()
    protocol.outbox.write(b"a" * (LIMIT + 1))
    protocol.outbox.write(b"b")
    protocol.connection.send_close()
    protocol.closer.advance()
    assert len(transport.writes) == 1
    await asyncio.sleep(10.1)
    assert transport.writes[1:] == [b"b"]
    assert (transport.closing, transport.aborted) == (True, False)
    await asyncio.sleep(10)
    assert (transport.aborted, transport.lost) == (True, True)


async def test_a_phase_is_acted_on_once(make: Make, role: Role, transport: FakeTransport) -> None:
    protocol = make(role)
    protocol.connection.send_close()
    protocol.closer.advance()
    await asyncio.sleep(9)
    protocol.closer.advance()
    await asyncio.sleep(2)
    assert transport.closing


async def test_nothing_is_left_to_do_when_tcp_has_ended(
    make: Make, role: Role, transport: FakeTransport
) -> None:
    protocol = make(role)
    transport.lose()
    protocol.closer.advance()
    await asyncio.sleep(60)
    assert not transport.aborted
