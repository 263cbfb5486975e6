"""Bytes on their way from send() to the network."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ws_asyncio.writer import GATHER_SIZE, Writer

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import FakeTransport

LIMIT = 100_000


class Flow(asyncio.Protocol):
    """A protocol that only tells the writer how full the transport is."""

    def __init__(self, writer: Writer) -> None:
        self.pause_writing = writer.pause  # type: ignore[method-assign]
        self.resume_writing = writer.resume  # type: ignore[method-assign]


@pytest.fixture
def writer(transport: FakeTransport) -> Writer:
    return connect(transport, LIMIT)


def connect(transport: FakeTransport, limit: int) -> Writer:
    writer = Writer(transport.loop, transport, limit)
    transport.set_write_buffer_limits(limit)
    transport.protocol = Flow(writer)
    return writer


async def turn() -> None:
    """Let the event loop turn once."""
    await asyncio.sleep(0)


async def wait_to_drain(writer: Writer) -> asyncio.Task[None]:
    task = asyncio.ensure_future(writer.drain())
    await turn()
    assert not task.done()
    return task


# Gathering


async def test_what_is_written_goes_out_at_once(writer: Writer, transport: FakeTransport) -> None:
    writer.write(b"a")
    writer.write(b"b")
    assert transport.writes == [b"a", b"b"]


async def test_what_is_gathered_goes_out_in_one_at_the_end_of_the_turn(
    writer: Writer, transport: FakeTransport
) -> None:
    writer.write(b"a", more=True)
    writer.write(b"b", more=True)
    assert transport.writes == []
    await turn()
    assert transport.writes == [b"ab"]
    writer.write(b"c", more=True)
    await turn()
    assert transport.writes == [b"ab", b"c"]


async def test_what_is_gathered_goes_out_when_it_is_flushed(
    writer: Writer, transport: FakeTransport
) -> None:
    writer.write(b"a", more=True)
    writer.write(b"b", more=True)
    writer.flush()
    assert transport.writes == [b"ab"]
    writer.flush()
    await turn()
    assert transport.writes == [b"ab"]


async def test_what_is_written_goes_out_behind_what_was_gathered(
    writer: Writer, transport: FakeTransport
) -> None:
    writer.write(b"a", more=True)
    writer.write(b"b")
    assert transport.writes == [b"ab"]
    writer.write(b"c")
    assert transport.writes == [b"ab", b"c"]


async def test_only_so_much_is_gathered(writer: Writer, transport: FakeTransport) -> None:
    writer.write(b"a" * (GATHER_SIZE - 1), more=True)
    assert transport.writes == []
    writer.write(b"b", more=True)
    assert list(map(len, transport.writes)) == [GATHER_SIZE]
    writer.write(b"c", more=True)
    assert len(transport.writes) == 1
    await turn()
    assert transport.writes[1:] == [b"c"]


async def test_no_more_is_gathered_than_the_transport_may_hold(transport: FakeTransport) -> None:
    writer = connect(transport, 10)
    transport.stall()
    writer.write(b"a" * 9, more=True)
    assert transport.writes == []
    writer.write(b"b" * 2, more=True)
    assert transport.writes == [b"a" * 9 + b"b" * 2]
    assert writer.paused


async def test_what_is_gathered_goes_out_before_the_end(
    writer: Writer, transport: FakeTransport
) -> None:
    writer.write(b"a", more=True)
    writer.finish()
    assert transport.writes == [b"a"]
    writer.finish()
    assert transport.writes == [b"a"]


# Backpressure


async def test_nothing_is_handed_over_while_the_transport_is_full(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    assert (writer.paused, writer.backlog) == (True, 0)
    writer.write(b"b")
    writer.write(b"c" * GATHER_SIZE, more=True)
    writer.flush()
    await turn()
    assert len(transport.writes) == 1
    assert writer.backlog == 1 + GATHER_SIZE
    transport.flow()
    assert transport.writes[1:] == [b"b" + b"c" * GATHER_SIZE]
    assert (writer.paused, writer.backlog) == (False, 0)


async def test_what_is_gathered_and_not_waiting_for_the_transport_is_no_backlog(
    writer: Writer,
) -> None:
    writer.write(b"a", more=True)
    assert writer.backlog == 0


async def test_at_the_end_all_is_handed_over_even_to_a_full_transport(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    writer.write(b"b")
    writer.finish()
    assert transport.writes[1:] == [b"b"]


async def test_nobody_waits_for_a_transport_that_has_room(writer: Writer) -> None:
    await writer.drain()


async def test_who_waits_goes_on_when_the_transport_has_room_again(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    tasks = [await wait_to_drain(writer), await wait_to_drain(writer)]
    transport.flow()
    await asyncio.gather(*tasks)


async def test_who_waits_goes_on_waiting_where_what_had_waited_fills_the_transport(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    writer.write(b"b" * (LIMIT + 1), more=True)
    transport.flow(only_once=True)
    await turn()
    await turn()
    assert writer.paused
    assert not task.done()
    transport.flow()
    await task


async def test_who_waits_goes_on_waiting_where_others_fill_the_transport_first(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    transport.flow()
    transport.stall()
    writer.write(b"b" * (LIMIT + 1))
    await turn()
    await turn()
    assert not task.done()
    transport.flow()
    await task


async def test_one_who_no_longer_waits_lets_the_others_wait(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    tasks = [await wait_to_drain(writer), await wait_to_drain(writer)]
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    await turn()
    assert not tasks[1].done()
    transport.flow()
    await tasks[1]


async def test_what_was_gathered_is_forgotten_when_tcp_has_ended(
    writer: Writer, transport: FakeTransport
) -> None:
    transport.stall()
    writer.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    writer.write(b"b", more=True)
    writer.discard()
    transport.lost = True
    await task
    assert not writer.paused
    assert writer.backlog == 0
    await turn()
    assert len(transport.writes) == 1
