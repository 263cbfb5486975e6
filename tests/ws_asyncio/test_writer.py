"""Who waits for the transport, and what is kept from it meanwhile."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ws_asyncio.writer import Writer
from ws_frames import Inbox, Outbox

if TYPE_CHECKING:
    from tests.ws_asyncio.peers import FakeTransport

LIMIT = 100_000


class Flow(asyncio.Protocol):
    """A protocol that only tells the writer how full the transport is."""

    def __init__(self, writer: Writer) -> None:
        self.pause_writing = writer.pause  # type: ignore[method-assign]
        self.resume_writing = writer.resume  # type: ignore[method-assign]


@pytest.fixture
def outbox(transport: FakeTransport) -> Outbox:
    return Outbox(transport, transport.loop.call_soon, Inbox(), limit=LIMIT)


@pytest.fixture
def writer(transport: FakeTransport, outbox: Outbox) -> Writer:
    writer = Writer(transport.loop, outbox)
    transport.set_write_buffer_limits(LIMIT)
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


# Backpressure


async def test_nothing_is_handed_over_while_the_transport_is_full(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    assert (outbox.paused, outbox.backlog) == (True, 0)
    outbox.write(b"b")
    outbox.write(b"c" * LIMIT, True)
    outbox.flush()
    await turn()
    assert len(transport.writes) == 1
    assert outbox.backlog == 1 + LIMIT
    transport.flow()
    assert transport.writes[1:] == [b"b" + b"c" * LIMIT]
    assert (outbox.paused, outbox.backlog) == (False, 0)


async def test_nobody_waits_for_a_transport_that_has_room(writer: Writer) -> None:
    await writer.drain()


async def test_who_waits_goes_on_when_the_transport_has_room_again(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    tasks = [await wait_to_drain(writer), await wait_to_drain(writer)]
    transport.flow()
    await asyncio.gather(*tasks)


async def test_who_waits_goes_on_waiting_where_what_had_waited_fills_the_transport(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    outbox.write(b"b" * (LIMIT + 1), True)
    transport.flow(only_once=True)
    await turn()
    await turn()
    assert outbox.paused
    assert not task.done()
    transport.flow()
    await task


async def test_who_waits_goes_on_waiting_where_others_fill_the_transport_first(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    transport.flow()
    transport.stall()
    outbox.write(b"b" * (LIMIT + 1))
    await turn()
    await turn()
    assert not task.done()
    transport.flow()
    await task


async def test_one_who_no_longer_waits_lets_the_others_wait(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    tasks = [await wait_to_drain(writer), await wait_to_drain(writer)]
    tasks[0].cancel()
    with pytest.raises(asyncio.CancelledError):
        await tasks[0]
    await turn()
    assert not tasks[1].done()
    transport.flow()
    await tasks[1]


async def test_what_was_gathered_is_forgotten_when_tcp_has_ended(
    writer: Writer, outbox: Outbox, transport: FakeTransport
) -> None:
    transport.stall()
    outbox.write(b"a" * (LIMIT + 1))
    task = await wait_to_drain(writer)
    outbox.write(b"b", True)
    writer.end()
    transport.lost = True
    await task
    assert not outbox.paused
    assert outbox.backlog == 0
    await turn()
    assert len(transport.writes) == 1
