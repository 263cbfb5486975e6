"""More than the application reads, or than the peer does."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from ws_frames import (
    RSV1,
    Close,
    ConnectionClosedError,
    ConnectionClosedOK,
    Extension,
    Opcode,
    PreparedMessage,
    Role,
)
from ws_http import Headers, Opening

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Attach, Establish

from tests.ws_asyncio.applications import Faulty, shapes
from tests.ws_asyncio.peers import ServerSide

PONG, CLOSE = Opcode.PONG, Opcode.CLOSE


class Looking(ServerSide):
    """Sees all bytes, so that they don't go to the inbox at once."""

    def data_received(self, data: bytes) -> None:
        super().data_received(data)


# Full queues


async def test_a_full_queue_pauses_reading_until_half_of_it_is_left(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=4)
    reading = []
    for number in range(5):
        reading.append(peer.transport.reading)
        await peer.send(peer.text(str(number)))
    assert reading == [True, True, True, True, False]  # before each of them
    received = []
    for _ in range(5):
        received.append(await peer.protocol.recv())
        await peer.turn()
        reading.append(peer.transport.reading)
    assert received == ["0", "1", "2", "3", "4"]
    assert reading[5:] == [False, True, True, True, True]
    task = await peer.start(peer.protocol.recv())
    await peer.send(peer.text("5"))
    assert await task == "5"


@pytest.mark.parametrize("number", [1, 2, 32, 33])
async def test_pings_are_answered_when_all_was_received_and_nobody_waits(
    establish: Establish, role: Role, number: int
) -> None:
    peer = establish(role, max_queue=number)
    await peer.send(*[peer.text("a")] * number, peer.ping(b"x"))
    await peer.turn()
    for _ in range(number):
        await peer.protocol.recv()
    await peer.turn()
    assert peer.transport.reading
    assert shapes(peer.frames) == [(PONG, b"x")]


async def test_the_same_for_a_queue_full_of_bytes(establish: Establish, role: Role) -> None:
    peer = establish(role, max_size=1000)
    await peer.send(peer.text("a" * 800))
    await peer.send(peer.text("b" * 800))
    before = peer.transport.reading
    assert [await peer.protocol.recv() for _ in range(2)] == ["a" * 800, "b" * 800]
    await peer.turn()
    assert (before, peer.transport.reading) == (False, True)


async def test_a_transport_may_have_nothing_to_read_from_any_more(
    establish: Establish, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say_so() -> None:  # as TLS does before Python 3.11
        raise AttributeError("'NoneType' object has no attribute 'resume_reading'")

    peer = establish(role, max_queue=1)
    await peer.send(peer.text("0"))
    for name in ("pause_reading", "resume_reading"):
        monkeypatch.setattr(peer.transport, name, say_so)
    assert await peer.protocol.recv() == "0"
    task = await peer.start(peer.protocol.recv())
    await peer.send(peer.text("1"), peer.text("2"))
    assert await task == "1"
    assert await peer.protocol.recv() == "2"
    task = await peer.start(peer.protocol.recv())
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await task


async def test_a_queue_is_full_at_about_max_size_bytes_too(establish: Establish) -> None:
    peer = establish(max_queue=None, max_size=1000)
    await peer.send(peer.text("a" * 400))
    before = peer.transport.reading
    await peer.send(peer.text("b" * 100))
    assert (before, peer.transport.reading) == (True, False)


async def test_a_queue_without_limits_is_never_full(establish: Establish) -> None:
    peer = establish(max_queue=None, max_size=None)
    await peer.send(*[peer.text("a")] * 5000)
    assert peer.transport.reading
    for _ in range(5000):
        await peer.protocol.recv()


async def test_a_flood_of_pings_is_answered_in_several_turns(establish: Establish) -> None:
    peer = establish()
    peer.protocol.data_received(b"".join([peer.ping(b"x")] * 3000))
    answered = [len(peer.frames)]
    while not peer.transport.reading:
        await peer.turn(1)
        answered.append(len(peer.frames))
    await peer.turn()
    assert len(peer.frames) == 3000
    assert all(now - before <= 1024 for before, now in zip([0, *answered], answered))


async def test_a_handler_that_never_waits_leaves_turns_to_others(establish: Establish) -> None:
    peer = establish()
    received: list[object] = []

    async def receive_all() -> None:
        async for message in peer.protocol:
            received.append(message)

    await peer.start(receive_all())
    peer.protocol.data_received(b"".join([peer.text("x")] * 5000))
    numbers = [len(received)]
    while not peer.transport.reading:
        await peer.turn(1)
        numbers.append(len(received))
    assert len(received) == 5000
    assert all(now - before <= 1100 for before, now in zip([0, *numbers], numbers))


async def test_a_flood_of_fragments_is_parsed_in_several_turns(establish: Establish) -> None:
    peer = establish()
    fragments = [peer.cont("x", fin=False)] * 40_000
    peer.protocol.data_received(b"".join([peer.text("", fin=False), *fragments]))
    turns = 0
    while not peer.transport.reading:
        await peer.turn(1)
        turns += 1
    assert turns >= 4
    await peer.send(peer.cont(""))
    assert await peer.protocol.recv() == "x" * 40_000


@pytest.mark.parametrize("size", [65_536, 262_144])
async def test_large_reads_in_a_row_leave_turns_to_others(establish: Establish, size: int) -> None:
    peer = establish(max_size=None)
    message = bytes(10 * 262_144)
    frame = peer.frame(Opcode.BINARY, message)
    reads = [frame[start : start + size] for start in range(0, len(frame), size)]
    taken = 0
    while reads:
        while reads and peer.transport.reading:  # as uvloop does
            peer.protocol.data_received(reads.pop(0))
            taken += size
        assert taken <= 2 * 262_144
        await peer.turn(1)
        taken = 0
    assert await peer.protocol.recv() == message


@pytest.mark.parametrize("looking", [False, True], ids=["diverted", "looked at"])
async def test_who_waits_does_not_make_large_reads_go_on(attach: Attach, looking: bool) -> None:
    connection = (Looking if looking else ServerSide)(ping_interval=None, max_size=None)
    peer = attach(connection)
    connection.connection_open(Opening("/", Headers(), Headers(), None, (), b""))
    received: list[object] = []

    async def receive_all() -> None:
        async for message in connection:
            received.append(message)

    await peer.start(receive_all())
    read = peer.frame(Opcode.BINARY, bytes(262_144 - 14))
    reads: list[bytes] = []

    def arrive() -> None:  # as uvloop does, between tasks
        while peer.transport.reading and len(reads) < 32:
            connection.data_received(read)
            reads.append(read)

    asyncio.get_running_loop().call_soon(arrive)
    await peer.turn(1)
    assert 0 < len(reads) <= 2
    await peer.turn(10)
    assert peer.transport.reading
    assert len(received) == len(reads)


@pytest.mark.parametrize("looking", [False, True], ids=["diverted", "looked at"])
async def test_what_is_decoded_as_it_arrives_leaves_turns_to_others(
    attach: Attach, looking: bool
) -> None:
    class Inflating(Extension):
        name = "x-inflating"
        rsv = RSV1
        only_marked = True
        takes_messages = True

        def decode_message(self, data: bytes, max_size: int | None) -> bytes:
            return data * 100_000

    connection = (Looking if looking else ServerSide)(ping_interval=None, max_queue=None)
    peer = attach(connection)
    connection.connection_open(Opening("/", Headers(), Headers(), None, [Inflating()], b""))
    received: list[object] = []

    async def receive_all() -> None:
        async for message in connection:
            received.append(message)

    await peer.start(receive_all())
    read = peer.frame(Opcode.BINARY, b"a", bits=RSV1)
    turns: list[int] = []

    def arrive() -> None:  # as uvloop does, between tasks
        reads = 0
        while peer.transport.reading and sum(turns) + reads < 200:
            connection.data_received(read)
            reads += 1
        turns.append(reads)

    for _ in range(200):
        asyncio.get_running_loop().call_soon(arrive)
        await peer.turn(1)
    await peer.turn(10)
    assert peer.transport.reading
    assert received == [b"a" * 100_000] * 200
    # Each is 25 of the 1024, or of the 512 in pure Python; 64 at most wait to be counted.
    assert max(turns) <= (1024 + 64) // 25 + 1


async def test_much_work_in_a_turn_does_not_end_reading_while_closing(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=1)
    task = await peer.start(peer.protocol.close())
    await peer.send(*[peer.text("a")] * 5000)
    await peer.turn(10)
    assert peer.transport.reading
    await peer.send(peer.close())
    await peer.lose()
    await task
    assert peer.protocol.close_code == 1000


@pytest.mark.parametrize("end", ["text", "ping"])
async def test_what_takes_several_turns_is_received_before_the_end_of_tcp(
    establish: Establish, end: str
) -> None:
    peer = establish()
    frames = [peer.text("a")] * 3000 + [peer.ping(b"x")] * 3000
    if end == "text":
        frames.reverse()
    received: list[object] = []

    async def receive_all() -> None:
        async for message in peer.protocol:
            received.append(message)

    task = await peer.start(receive_all())
    await peer.send(*frames)
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await task
    assert len(received) == 3000


async def test_nothing_is_lost_or_late_behind_a_full_queue(establish: Establish) -> None:
    peer = establish(max_queue=4)
    frames = [peer.text(str(number)) for number in range(5000)]
    await peer.send(*frames, peer.ping(b"x"))
    assert peer.frames == []
    assert [await peer.protocol.recv() for _ in range(5000)] == [*map(str, range(5000))]
    task = await peer.start(peer.protocol.recv())
    assert shapes(peer.frames) == [(PONG, b"x")]
    await peer.send(peer.text("after"))
    assert await task == "after"


@pytest.mark.parametrize("by", ["peer", "us"])
async def test_closing_completes_in_time_with_a_full_queue(
    establish: Establish, role: Role, clock: Clock, by: str
) -> None:
    peer = establish(role, max_queue=2)
    await peer.send(*[peer.text(str(number)) for number in range(10)])
    reading = [peer.transport.reading]
    if by == "peer":
        await peer.send(peer.close())
    task = await peer.start(peer.protocol.close())
    reading.append(peer.transport.reading)
    assert reading == [False, True]
    if by == "us":
        await peer.send(*[peer.text("more")] * 10, peer.close())
    assert peer.transport.eof is (role is Role.SERVER)
    await peer.lose()
    await task
    assert clock.now == 1000
    assert (peer.protocol.close_code, peer.closes) == (1000, [Close(1000)])


async def test_what_arrives_while_closing_has_no_gaps(establish: Establish) -> None:
    peer = establish(max_queue=2)
    received = []

    async def read() -> None:
        async for message in peer.protocol:
            received.append(message)
            await asyncio.sleep(1)

    await peer.start(read())
    closing = await peer.start(peer.protocol.close())
    for number in range(8):
        await peer.send(peer.text(str(2 * number)), peer.text(str(2 * number + 1)))
        await asyncio.sleep(0.5)
    await peer.send(peer.close())
    await closing
    await asyncio.sleep(20)
    assert received == [*map(str, range(len(received)))]
    assert len(received) >= 2


async def test_what_follows_a_close_doesnt_keep_from_seeing_the_end(
    establish: Establish, clock: Clock
) -> None:
    peer = establish(Role.CLIENT, max_queue=1)
    await peer.send(peer.text("a"))
    task = await peer.start(peer.protocol.close())
    await peer.send(peer.close(), peer.text("b"))
    await peer.send(peer.text("c"))
    assert peer.transport.reading
    await peer.send_eof()
    await task
    assert clock.now == 1000


async def test_messages_that_extensions_decode_have_no_gaps_either(establish: Establish) -> None:
    peer = establish(max_queue=2, extensions=(Faulty(),))
    await peer.send(peer.text("0"), peer.text("1"), peer.text("2"))
    closing = await peer.start(peer.protocol.close())
    assert [await peer.protocol.recv() for _ in range(2)] == ["0", "1"]
    await peer.send(peer.text("3"), peer.close())
    await closing
    with pytest.raises(ConnectionClosedOK):
        await peer.protocol.recv()


async def test_a_full_queue_doesnt_keep_the_client_from_seeing_the_end(
    establish: Establish, clock: Clock
) -> None:
    peer = establish(Role.CLIENT, max_queue=2)
    await peer.send(*[peer.text("a")] * 3, peer.close())
    for _ in range(3):
        await peer.protocol.recv()
    await peer.turn()
    assert peer.closes == [Close(1000)]
    assert peer.transport.reading


async def test_who_receives_sees_the_end_behind_what_was_dropped(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=2)
    closing = await peer.start(peer.protocol.close())
    await peer.call(peer.protocol.data_received, peer.text("a") * 10_000)
    await peer.lose()
    received: list[object] = []

    async def receive() -> None:
        while True:
            received.append(await peer.protocol.recv())

    task = await peer.start(receive())
    await peer.turn(40)
    assert task.done()
    assert isinstance(task.exception(), ConnectionClosedError)
    assert received == ["a"] * len(received)
    await closing


# Pings of a flood


async def test_a_flood_of_pings_is_answered_once_while_our_close_waits_for_the_peers(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, write_limit=1000, close_timeout=None)
    peer.transport.stall()
    closing = await peer.start(peer.protocol.close())
    for number in range(1000):
        await peer.send(peer.ping(str(number).encode() * 10))
    written = len(peer.frames)
    assert written <= 1 + 1000 // 12 + 2
    await peer.flow()
    assert shapes(peer.frames[written:]) == [(PONG, b"999" * 10)]
    await peer.send(peer.close())
    await peer.lose()
    await closing


async def test_a_flood_of_pings_is_answered_once_while_the_peer_doesnt_read(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, write_limit=1000)
    peer.transport.stall()
    await peer.protocol.ping(b"x" * 100)
    for _ in range(20):
        await peer.send(*[peer.ping(b"p" * 100)] * 10)
    written = len(peer.frames)
    assert written <= 1 + 1000 // 102 + 2
    for number in range(1000):
        await peer.send(peer.ping(str(number).encode()))
    assert len(peer.frames) == written
    await peer.flow()
    assert shapes(peer.frames[written:]) == [(PONG, b"999")]


async def test_the_answer_to_a_close_takes_the_waiting_pong_along(establish: Establish) -> None:
    peer = establish(write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    await peer.send(peer.ping(b"1"), peer.ping(b"2"), peer.close())
    assert shapes(peer.frames)[1:] == [(PONG, b"2"), (CLOSE, b"\x03\xe8")]


async def test_nothing_follows_a_failure_that_finds_a_waiting_pong(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    await peer.send(peer.ping(b"1"))
    peer.protocol.fail_connection(1011)
    assert peer.transport.eof
    await peer.flow()
    assert shapes(peer.frames)[-1] == (CLOSE, b"\x03\xf3")


async def test_a_pong_that_waits_behind_our_close_is_sent(establish: Establish) -> None:
    peer = establish(write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    await peer.send(peer.ping(b"1"))
    task = await peer.start(peer.protocol.close())
    await peer.flow()
    assert {(PONG, b"1"), (CLOSE, b"\x03\xe8")} == set(shapes(peer.frames)[1:])
    await peer.send(peer.close())
    await task
