"""Between a transport and a connection: what asyncio calls, and what comes of it."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import struct
import weakref
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol, connect, serve
from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_asyncio.testing import connected_pair
from ws_frames import (
    Close,
    Connection,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    Event,
    Extension,
    Frame,
    Opcode,
    PayloadTooBig,
    PreparedMessage,
    Role,
    State,
)
from ws_http import ServerHandshake

if TYPE_CHECKING:
    from tests.conftest import Run
    from tests.ws_asyncio.conftest import Attach, Clock, Establish, Peer

TEXT, PING, PONG, CLOSE = Opcode.TEXT, Opcode.PING, Opcode.PONG, Opcode.CLOSE


async def echo(connection: WebSocketCommonProtocol) -> None:
    async for message in connection:
        await connection.send(message)


def shapes(frames: list[Frame]) -> list[tuple[Opcode, bytes]]:
    return [(frame.opcode, frame.data) for frame in frames]


# The order on the wire


@pytest.mark.parametrize(
    ("bad", "code"), [(b"\xf0", 1002), (b"\x83", 1002), (b"\x81", 1007), (b"\x82", 1009)]
)
async def test_what_answers_a_good_message_goes_before_the_failure(
    establish: Establish, role: Role, bad: bytes, code: int
) -> None:
    peer = establish(role, max_size=1000)
    task = await peer.start(echo(peer.protocol))
    payload = b"\xff" if code == 1007 else b"a" * 1001
    whole = peer.frame(Opcode.BINARY, payload)
    await peer.send(peer.text("good"), bad + whole[1:])
    assert shapes(peer.frames)[0] == (TEXT, b"good")
    assert [close.code for close in peer.closes] == [code]
    assert peer.transport.eof
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await task


async def test_a_failure_follows_all_messages_before_it(establish: Establish) -> None:
    peer = establish()
    await peer.start(echo(peer.protocol))
    await peer.send(*[peer.text(str(number)) for number in range(100)], b"\xf0\x80")
    assert [frame.data.decode() for frame in peer.frames[:-1]] == [*map(str, range(100))]
    assert [close.code for close in peer.closes] == [1002]


async def test_what_answers_a_message_goes_before_the_answer_to_a_close(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)
    task = await peer.start(echo(peer.protocol))
    await peer.send(peer.text("last"), peer.close(1001, "bye"))
    assert shapes(peer.frames) == [(TEXT, b"last"), (CLOSE, b"\x03\xe9bye")]
    await peer.lose()
    await task


@pytest.mark.parametrize("number", [1, 2, 31, 32, 33, 64, 65, 1000, 1024, 1025, 3000])
async def test_what_answers_many_messages_goes_before_the_answer_to_a_close(
    establish: Establish, number: int
) -> None:
    peer = establish()
    task = await peer.start(echo(peer.protocol))
    await peer.send(*[peer.text(str(n)) for n in range(number)], peer.close())
    while not peer.closes:
        await peer.turn()
    assert [frame.data.decode() for frame in peer.frames[:-1]] == [*map(str, range(number))]
    assert peer.closes == [Close(1000)]
    await peer.turn()
    await task


async def test_pings_are_answered_where_they_are_among_messages(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)
    await peer.start(echo(peer.protocol))
    await peer.send(peer.ping(b"1"), peer.text("a"), peer.ping(b"2"), peer.text("b"))
    assert shapes(peer.frames) == [(PONG, b"1"), (TEXT, b"a"), (PONG, b"2"), (TEXT, b"b")]


async def test_pings_are_answered_between_fragments(establish: Establish, role: Role) -> None:
    peer = establish(role)
    await peer.start(echo(peer.protocol))
    await peer.send(peer.text("a", fin=False), peer.ping(b"1"))
    await peer.send(peer.cont("b", fin=False))
    await peer.send(peer.ping(b"2"), peer.cont("c"))
    assert shapes(peer.frames) == [(PONG, b"1"), (PONG, b"2"), (TEXT, b"abc")]


async def test_the_answer_of_an_idle_connection_goes_out_at_once(establish: Establish) -> None:
    peer = establish()
    await peer.start(echo(peer.protocol))

    def read() -> None:
        peer.protocol.data_received(peer.text("a"))
        assert shapes(peer.frames) == [(TEXT, b"a")]

    await peer.call(read)


@pytest.mark.parametrize("number", [2, 32, 33, 64, 1000])
async def test_the_answers_to_messages_in_one_read_are_one_write(
    establish: Establish, number: int
) -> None:
    peer = establish()
    await peer.start(echo(peer.protocol))

    def read() -> None:
        peer.protocol.data_received(peer.text("a") * number)
        # The handler waits for more already.
        assert list(map(len, peer.writes)) == [number]

    await peer.call(read)


async def test_what_is_gathered_goes_out_when_the_handler_waits_for_a_message(
    establish: Establish,
) -> None:
    peer = establish()

    async def answer_questions() -> None:
        async for message in peer.protocol:
            if message != "thanks":
                await peer.protocol.send("answer")

    def read() -> None:
        peer.protocol.data_received(peer.text("question") + peer.text("thanks"))
        assert shapes(peer.frames) == [(TEXT, b"answer")]

    await peer.start(answer_questions())
    await peer.call(read)


async def test_no_more_than_so_much_is_gathered(establish: Establish) -> None:
    peer = establish()
    await peer.start(echo(peer.protocol))
    await peer.send(*[peer.text("a" * 4096)] * 64)
    assert list(map(len, peer.writes)) == [16, 16, 16, 16]


async def test_what_waits_behind_a_message_is_looked_after_once_a_turn(
    establish: Establish, monkeypatch: pytest.MonkeyPatch
) -> None:
    peer = establish(extensions=(Faulty(),))  # so that messages come one by one
    await peer.start(echo(peer.protocol))
    loop = asyncio.get_running_loop()
    calls = []
    call_soon = loop.call_soon

    def count(callback: Any, *args: Any, **kwargs: Any) -> asyncio.Handle:
        calls.append(callback)
        return call_soon(callback, *args, **kwargs)

    def read() -> None:
        monkeypatch.setattr(loop, "call_soon", count)
        peer.protocol.data_received(peer.text("a") * 30)
        monkeypatch.undo()
        assert len(calls) <= 2

    await peer.call(read)
    assert len(peer.frames) == 30


async def test_what_is_gathered_goes_out_when_the_handler_waits_for_something_else(
    establish: Establish,
) -> None:
    peer = establish()

    async def slow() -> None:
        async for message in peer.protocol:
            await peer.protocol.send(message)
            await asyncio.sleep(1)

    await peer.start(slow())
    await peer.send(peer.text("a"), peer.text("b"), peer.text("c"))
    await peer.turn()
    assert shapes(peer.frames) == [(TEXT, b"a")]
    await asyncio.sleep(1)
    await peer.turn()
    assert shapes(peer.frames) == [(TEXT, b"a"), (TEXT, b"b")]


async def test_pings_and_pongs_go_out_behind_what_is_gathered(establish: Establish) -> None:
    peer = establish()

    async def handle() -> None:
        async for message in peer.protocol:
            await peer.protocol.send(message)
            if message == "ping":
                await peer.protocol.ping(b"1")
            elif message == "pong":
                await peer.protocol.pong(b"2")

    def read() -> None:
        peer.protocol.data_received(peer.text("a") + peer.text("ping") + peer.text("pong"))

    await peer.start(handle())
    await peer.call(read)
    assert shapes(peer.frames) == [
        (TEXT, b"a"),
        (TEXT, b"ping"),
        (PING, b"1"),
        (TEXT, b"pong"),
        (PONG, b"2"),
    ]


@pytest.mark.parametrize("code", [1000, 1011])
async def test_a_close_goes_out_behind_what_is_gathered(establish: Establish, code: int) -> None:
    peer = establish()

    async def handle() -> None:
        for _ in range(2):
            await peer.protocol.send(await peer.protocol.recv())
        if code == 1000:
            await peer.protocol.close()
        else:
            peer.protocol.fail_connection(code)

    await peer.start(handle())
    await peer.send(peer.text("a"), peer.text("b"), peer.text("c"))
    assert shapes(peer.frames)[:2] == [(TEXT, b"a"), (TEXT, b"b")]
    assert peer.closes == [Close(code)]
    assert len(peer.writes) == 1


def take_events(connection: Connection) -> list[Event]:
    events = []
    while (event := connection.next_event()) is not None:
        events.append(event)
    return events


@pytest.mark.parametrize("end", [b"\x83\x00", b"\x88\x02\x03\xe8"], ids=["failure", "close"])
async def test_what_follows_the_handshake_at_once_can_be_answered(end: bytes) -> None:
    received: asyncio.Future[list[Event]] = asyncio.get_running_loop().create_future()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        handshake, connection = ServerHandshake(), Connection(Role.SERVER)
        while not handshake.done:
            handshake.receive_data(await reader.read(4096))
        writer.write(handshake.accept() + connection.send_message("Hello") + end)
        while not connection.close_received:
            connection.receive_data(await reader.read(4096))
            events.extend(take_events(connection))
        writer.close()
        received.set_result(events)

    events: list[Event] = []
    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with connect(f"ws://{host}:{port}") as client:
        with suppress(ConnectionClosedError):
            await echo(client)
    server.close()
    answer, last = await asyncio.wait_for(received, 5)
    assert answer == "Hello"
    assert isinstance(last, Close)
    assert last.code == (1002 if end[0] == 0x83 else 1000)


async def test_messages_beyond_the_queue_are_answered_before_a_bad_frame_behind_them() -> None:
    sender = Connection(Role.CLIENT)
    frames = b"".join(sender.send_message(str(number)) for number in range(10))
    async with connected_pair(echo, server_options={"max_queue": 8}) as (client, _):
        client.transport.write(frames + b"\x83\x80\x00\x00\x00\x00")
        assert [await client.recv() for _ in range(10)] == [str(number) for number in range(10)]
        with pytest.raises(ConnectionClosedError) as caught:
            await client.recv()
    assert caught.value.code == 1002


# Full queues


async def test_a_full_queue_pauses_reading_until_it_is_empty(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=3)
    reading = []
    for number in range(4):
        reading.append(peer.transport.reading)
        await peer.send(peer.text(str(number)))
    assert reading == [True, True, True, False]  # before each of them
    received = []
    for _ in range(4):
        received.append(await peer.protocol.recv())
        reading.append(peer.transport.reading)
    assert received == ["0", "1", "2", "3"]
    task = await peer.start(peer.protocol.recv())
    reading.append(peer.transport.reading)
    assert reading[4:] == [False, False, False, False, True]
    await peer.send(peer.text("4"))
    assert await task == "4"


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


async def test_large_reads_in_a_row_leave_turns_to_others(establish: Establish) -> None:
    peer = establish(max_size=None)
    frame = peer.frame(Opcode.BINARY, bytes(10 * 65_536))
    reads = [frame[start : start + 65_536] for start in range(0, len(frame), 65_536)]
    taken = 0
    while reads:
        while reads and peer.transport.reading:  # as uvloop does
            peer.protocol.data_received(reads.pop(0))
            taken += 1
        assert taken <= 4
        await peer.turn(1)
        taken = 0
    assert await peer.protocol.recv() == bytes(10 * 65_536)


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


# Pings of a flood


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


# Life


class Unopened(WebSocketCommonProtocol):
    """A client before its handshake."""

    is_client = True
    side = "client"
    role = Role.CLIENT

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


# Closing, in every order


async def receive(peer: Peer) -> ConnectionClosed:
    with pytest.raises(ConnectionClosed) as caught:
        await peer.protocol.recv()
    return caught.value


async def test_we_close_and_the_peer_answers(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close(1001, "bye"))
    assert (peer.closes, peer.transport.closing) == ([Close(1001, "bye")], False)
    await peer.send(peer.close(1001, "bye"))
    assert peer.transport.eof is (role is Role.SERVER)
    await peer.send_eof()
    await task
    assert clock.now == 1000
    assert not peer.transport.aborted
    exc = await receive(peer)
    assert (type(exc), exc.code, exc.reason) == (ConnectionClosedOK, 1001, "bye")
    assert exc.__cause__ is None


async def test_the_peer_closes_and_we_answer(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(receive(peer))
    await peer.send(peer.close(4000, "mine"))
    assert peer.closes == [Close(4000, "mine")]
    assert peer.transport.eof is (role is Role.SERVER)
    await peer.send_eof()
    exc = await task
    assert (type(exc), exc.code, exc.reason) == (ConnectionClosedError, 4000, "mine")
    assert clock.now == 1000


async def test_a_close_without_a_code_is_answered_alike(establish: Establish, role: Role) -> None:
    peer = establish(role)
    await peer.send(peer.frame(CLOSE))
    assert shapes(peer.frames) == [(CLOSE, b"")]
    await peer.lose()
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1005)


async def test_two_closes_cross(establish: Establish, role: Role) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close(1001))
    await peer.send(peer.close(4000))
    assert peer.closes == [Close(1001)]
    await peer.lose()
    await task
    assert (await receive(peer)).code == 4000


async def test_a_dead_peer_is_given_up_after_the_time_for_its_close(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    await peer.protocol.close()
    assert clock.now == pytest.approx(1010)
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, asyncio.TimeoutError)
    assert str(exc.__cause__) == "no close frame within 10 s"


async def test_a_dead_peer_with_a_full_transport_is_given_up_after_two_stages(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role, write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    await peer.protocol.close()
    assert clock.now == pytest.approx(1020)
    assert peer.transport.aborted
    assert peer.closes == [Close(1000)]


async def test_a_server_that_doesnt_end_tcp_is_given_up(establish: Establish, clock: Clock) -> None:
    peer = establish(Role.CLIENT)
    await peer.send(peer.close())
    await peer.protocol.close()
    assert clock.now == pytest.approx(1010)
    assert (await receive(peer)).code == 1000


async def test_a_client_that_doesnt_end_tcp_after_a_failure_is_given_up(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    peer.protocol.fail_connection(1011)
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1010)
    assert peer.transport.aborted


async def test_without_a_time_limit_closing_takes_as_long_as_the_peer_wants(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, close_timeout=None)
    task = await peer.start(peer.protocol.close())
    await asyncio.sleep(1e6)
    assert not task.done()
    await peer.lose()
    await task


@pytest.mark.parametrize("exc", [None, ConnectionResetError(104, "reset")])
@pytest.mark.parametrize("stage", ["open", "close sent", "close received", "failed"])
async def test_tcp_is_lost_at_any_stage(
    establish: Establish, role: Role, stage: str, exc: Exception | None, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(receive(peer))
    if stage == "close sent":
        await peer.start(peer.protocol.close())
    elif stage == "close received":
        peer.transport.stall()
        await peer.send(peer.close())
    elif stage == "failed":
        peer.protocol.fail_connection(1011, "mine")
    peer.transport.lose(exc)
    closed = await task
    assert closed.code == (1000 if stage == "close received" else 1006)
    assert closed.__cause__ is exc
    assert (peer.protocol.state, peer.protocol.closed) == (State.CLOSED, True)
    await asyncio.sleep(60)
    assert clock.now == 1060


@pytest.mark.parametrize("stage", ["open", "close sent", "close received", "failed"])
@pytest.mark.parametrize("stalled", [False, True])
async def test_the_peer_ends_its_side_of_tcp_at_any_stage(
    establish: Establish, role: Role, stage: str, stalled: bool, clock: Clock
) -> None:
    peer = establish(role, write_limit=10)
    if stalled:
        peer.transport.stall()
        peer.protocol.push(PreparedMessage(b"x" * 20))
    if stage == "close sent":
        await peer.start(peer.protocol.close())
    elif stage == "close received":
        await peer.send(peer.close())
    elif stage == "failed":
        peer.protocol.fail_connection(1011, "mine")
    if not peer.transport.closing:
        await peer.send_eof()
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1010 if stalled else 1000)
    assert peer.transport.aborted is stalled


async def test_what_was_gathered_goes_out_when_the_peer_has_ended_its_side(
    establish: Establish,
) -> None:
    peer = establish(write_limit=10)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage(b"x" * 20))
    task = await peer.start(peer.protocol.send("a"))
    await peer.send_eof()
    await peer.flow()
    assert shapes(peer.frames)[1:] == [(TEXT, b"a")]
    with pytest.raises(ConnectionClosedError):
        await task


# Failing


async def test_a_failure_names_its_cause(
    establish: Establish, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, max_size=10)
    caplog.set_level(logging.INFO)
    await peer.send(peer.text("a" * 11))
    await peer.lose(ConnectionResetError())
    exc = await receive(peer)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, PayloadTooBig)
    assert caplog.messages == [
        "failing the connection: message of 11 bytes or more, at most 10 allowed"
    ]
    assert caplog.records[0].levelname == "INFO"


async def test_nothing_counts_after_a_failure(establish: Establish, role: Role) -> None:
    peer = establish(role)
    peer.protocol.fail_connection(1011, "mine")
    await peer.send(peer.text("a"), peer.ping(), peer.close())
    assert peer.closes == [Close(1011, "mine")]
    peer.protocol.fail_connection(1002)
    await peer.lose()
    assert (await receive(peer)).code == 1006
    assert len(peer.frames) == 1
    peer.protocol.fail_connection(1002)


async def test_failing_without_a_code_aborts(establish: Establish, role: Role) -> None:
    peer = establish(role)
    peer.protocol.fail_connection()
    assert (peer.transport.aborted, peer.frames) == (True, [])
    await peer.protocol.wait_closed()
    assert peer.protocol.close_code == 1006


async def test_failing_while_our_close_waits_for_an_answer_ends_tcp(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.close())
    peer.protocol.fail_connection(1011)
    assert (peer.closes, peer.transport.eof) == ([Close(1000)], True)
    await peer.send_eof()
    await task
    assert clock.now == 1000


async def test_failing_stops_the_keepalive(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=1, ping_timeout=1, close_timeout=30)
    peer.protocol.fail_connection(1011)
    await asyncio.sleep(20)
    assert [opcode for opcode, _ in shapes(peer.frames)] == [CLOSE]
    await peer.lose()


class Faulty(Extension):
    """An extension that can't decode one message."""

    name = "faulty"

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if frame.data == b"bad":
            raise ZeroDivisionError("mine")
        return frame

    def encode(self, frame: Frame) -> Frame:
        return frame


@pytest.mark.parametrize("max_queue", [1, 32])
async def test_a_fault_of_an_extension_fails_the_connection(
    establish: Establish, role: Role, max_queue: int, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, extensions=(Faulty(),), max_queue=max_queue)
    await peer.send(peer.text("good"), peer.text("bad"), peer.text("never"))
    assert await peer.protocol.recv() == "good"
    task = await peer.start(receive(peer))
    assert [close.code for close in peer.closes] == [1011]
    await peer.lose()
    exc = await task
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, ZeroDivisionError)
    (record,) = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert record.name == f"websockets.{role.value}"
    assert record.message == "extension failed"
    assert record.exc_info is not None


async def test_a_fault_of_an_extension_after_the_end_of_tcp_is_raised_to_nobody(
    establish: Establish, role: Role, caplog: pytest.LogCaptureFixture
) -> None:
    peer = establish(role, extensions=(Faulty(),), max_queue=1)
    await peer.send(peer.text("good"), peer.text("bad"), peer.text("bad"))
    await peer.lose()
    await peer.protocol.wait_closed()
    assert await peer.protocol.recv() == "good"
    assert isinstance((await receive(peer)).__cause__, ZeroDivisionError)


@pytest.mark.usefixtures("no_gc")
async def test_a_fault_of_an_extension_leaves_no_cyclic_garbage(
    establish: Establish, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)  # records hold on to exceptions
    peer = establish(extensions=(Faulty(),))
    await peer.send(peer.text("bad"))
    await peer.lose()
    reference = weakref.ref(peer.protocol)
    del peer
    await asyncio.sleep(0)
    assert reference() is None


# Keepalive


async def test_pings_go_out_each_interval(
    establish: Establish, role: Role, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ws_asyncio.keepalive.perf_counter", clock.time)
    peer = establish(role, ping_interval=20, ping_timeout=20)
    for _ in range(3):
        await asyncio.sleep(20.5)
        await peer.send(peer.pong(peer.frames[-1].data))
    assert [opcode for opcode, _ in shapes(peer.frames)] == [PING, PING, PING]
    assert peer.protocol.latency == pytest.approx(1.5)


@pytest.mark.parametrize("received", [True, False])
async def test_a_missing_pong_fails_the_connection(
    establish: Establish,
    role: Role,
    clock: Clock,
    received: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    peer = establish(role, ping_interval=20, ping_timeout=5)
    task = await peer.start(receive(peer))
    await asyncio.sleep(24)
    if received:
        await peer.send(peer.text("not a pong"), peer.pong(b"nor an answer"))
        with pytest.raises(pytest.fail.Exception):
            await task
        task = await peer.start(receive(peer))
    assert peer.closes == []
    await asyncio.sleep(2)
    assert peer.closes == [Close(1011, "no pong in time")]
    exc = await task
    assert clock.now == pytest.approx(1035)
    assert (type(exc), exc.code) == (ConnectionClosedError, 1006)
    assert isinstance(exc.__cause__, asyncio.TimeoutError)
    assert str(exc.__cause__) == "no pong within 5 s"
    assert caplog.messages == ["failing the connection: no pong within 5 s"]


async def test_without_an_interval_no_pings_go_out(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=None, ping_timeout=5)
    await asyncio.sleep(1e6)
    assert peer.frames == []


async def test_without_a_timeout_pongs_may_be_missing(establish: Establish, role: Role) -> None:
    peer = establish(role, ping_interval=20, ping_timeout=None)
    await asyncio.sleep(105)
    assert [opcode for opcode, _ in shapes(peer.frames)] == [PING] * 5
    await peer.lose()


@pytest.mark.parametrize("end", ["close", "close received", "lost", "bad"])
async def test_no_more_pings_go_out_at_the_end(
    establish: Establish, role: Role, end: str, clock: Clock
) -> None:
    peer = establish(role, ping_interval=1, ping_timeout=60, close_timeout=30)
    if end == "close":
        await peer.start(peer.protocol.close())
    elif end == "close received":
        peer.transport.stall()
        await peer.send(peer.close())
    elif end == "bad":
        await peer.send(b"\xf0")
    else:
        await peer.lose()
    await asyncio.sleep(20)
    assert PING not in [opcode for opcode, _ in shapes(peer.frames)]
    await peer.lose()


async def test_a_peer_that_vanishes_while_reading_is_paused_is_noticed(
    establish: Establish, clock: Clock
) -> None:
    peer = establish(max_queue=1, ping_interval=20, ping_timeout=20)
    await peer.send(peer.text("a"), peer.text("b"))
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1050)


# Anything in any order


class Play:
    """A connection between a peer and an application that do anything at any time."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.protocol = peer.protocol
        self.transport = peer.transport
        self.sent = 0
        self.in_message = False
        self.received: list[Data] = []
        self.tasks: list[asyncio.Task[Any]] = []

    @property
    def reachable(self) -> bool:
        return self.transport.reading and not self.transport.closing

    async def arrive(self, *frames: bytes) -> None:
        if self.reachable:
            await self.peer.send(*frames)

    def message(self) -> bytes:
        self.sent += 1
        return self.peer.text(str(self.sent - 1))

    async def peer_sends(self, number: int) -> None:
        if not self.in_message and self.reachable:
            await self.arrive(*[self.message() for _ in range(number)])

    async def peer_begins_a_message(self) -> None:
        if not self.in_message and self.reachable:
            self.in_message = True
            await self.arrive(self.peer.text("", fin=False))

    async def peer_ends_a_message(self) -> None:
        if self.in_message and self.reachable:
            self.in_message = False
            self.sent += 1
            await self.arrive(self.peer.cont(str(self.sent - 1)))

    async def peer_pings(self, number: int) -> None:
        await self.arrive(*[self.peer.ping(b"p")] * number)

    async def peer_answers_pings(self) -> None:
        pings = [frame.data for frame in self.peer.frames if frame.opcode is PING]
        await self.arrive(*map(self.peer.pong, pings[-1:]))

    async def peer_closes(self) -> None:
        await self.arrive(self.peer.close())

    async def peer_errs(self) -> None:
        await self.arrive(b"\xf0")

    async def peer_ends_its_side(self) -> None:
        if self.reachable:
            await self.peer.send_eof()

    async def peer_stops_reading(self) -> None:
        self.transport.stall()

    async def peer_reads(self) -> None:
        if not self.transport.lost:
            await self.peer.flow()

    async def tcp_is_lost(self) -> None:
        await self.peer.lose(ConnectionResetError())

    async def time_passes(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def start(self, coro: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(asyncio.ensure_future(coro))

    async def application_receives(self) -> None:
        async def receive() -> None:
            self.received.append(await self.protocol.recv())

        self.start(receive())

    async def application_iterates(self) -> None:
        async def receive() -> None:
            async for message in self.protocol:
                self.received.append(message)
                await self.protocol.send(message)

        self.start(receive())

    async def application_sends(self, size: int) -> None:
        self.start(self.protocol.send("s" * size))

    async def application_sends_fragments(self, size: int) -> None:
        async def fragments() -> AsyncIterator[str]:
            for _ in range(3):
                await asyncio.sleep(1)
                yield "f" * size

        self.start(self.protocol.send(fragments()))

    async def application_pings(self) -> None:
        async def ping() -> None:
            await (await self.protocol.ping())

        self.start(ping())

    async def application_pushes(self) -> None:
        self.protocol.push(PreparedMessage("s"))

    async def application_closes(self) -> None:
        self.start(self.protocol.close())

    async def application_fails(self, code: int) -> None:
        await self.peer.call(self.protocol.fail_connection, code)

    async def application_cancels(self, number: int) -> None:
        if self.tasks:
            self.tasks[number % len(self.tasks)].cancel()

    async def end(self) -> None:
        """See that all is in order, and that it ends in time."""
        started = self.transport.loop.time()
        self.start(self.protocol.close())
        await asyncio.wait(self.tasks)
        await asyncio.sleep(0)
        assert self.transport.lost
        assert self.transport.loop.time() - started < 25  # two stages, and some fragments
        kinds = {type(task.exception()) for task in self.tasks if not task.cancelled()}
        assert kinds <= {type(None), ConnectionClosedOK, ConnectionClosedError, RuntimeError}
        while len(self.received) < self.sent:
            try:
                self.received.append(await self.protocol.recv())
            except ConnectionClosed:
                break
        assert self.received == [*map(str, range(len(self.received)))]
        self.see_what_was_written()

    def see_what_was_written(self) -> None:
        kinds = [frame.opcode for frame in self.peer.frames]
        if CLOSE in kinds:
            assert set(kinds[kinds.index(CLOSE) + 1 :]) <= {PONG}
        in_message = False
        for frame in self.peer.frames:
            if frame.opcode in (TEXT, Opcode.CONT):
                assert (frame.opcode is Opcode.CONT) is in_message
                in_message = not frame.fin


def operations(*names: str) -> st.SearchStrategy[tuple[Any, ...]]:
    """Choose one of the operations, with its arguments."""
    arguments = {
        "peer_sends": st.integers(1, 5),
        "peer_pings": st.sampled_from([1, 100]),
        "time_passes": st.sampled_from([0, 1, 4, 25]),
        "application_sends": st.sampled_from([10, 2000]),
        "application_sends_fragments": st.sampled_from([10, 2000]),
        "application_fails": st.sampled_from([1006, 1011, 1011, 1011]),
        "application_cancels": st.integers(0, 20),
    }
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), *([arguments[name]] if name in arguments else []))
    )


LIFE = (
    "peer_sends",
    "peer_begins_a_message",
    "peer_ends_a_message",
    "peer_pings",
    "peer_answers_pings",
    "peer_stops_reading",
    "peer_reads",
    "time_passes",
    "application_receives",
    "application_iterates",
    "application_sends",
    "application_sends_fragments",
    "application_pings",
    "application_pushes",
    "application_cancels",
)
END = (
    "peer_closes",
    "peer_errs",
    "peer_ends_its_side",
    "tcp_is_lost",
    "application_closes",
    "application_fails",
)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    role=st.sampled_from(Role),
    max_queue=st.sampled_from([1, 2, 32]),
    ping_interval=st.sampled_from([None, 3]),
    stalled=st.booleans(),
    life=st.lists(operations(*LIFE), min_size=8, max_size=60),
    end=operations(*END),
    rest=st.lists(operations(*LIFE, *END), min_size=4, max_size=30),
)
async def test_anything_may_happen_in_any_order(
    establish: Establish,
    loop_errors: list[str],
    role: Role,
    max_queue: int,
    ping_interval: float | None,
    stalled: bool,
    life: list[tuple[Any, ...]],
    end: tuple[Any, ...],
    rest: list[tuple[Any, ...]],
) -> None:
    peer = establish(
        role, write_limit=1000, max_queue=max_queue, ping_interval=ping_interval, ping_timeout=10
    )
    if stalled:
        peer.transport.stall()
    play = Play(peer)
    for name, *arguments in [*life, end, *rest]:
        await getattr(play, name)(*arguments)
    await play.end()
    assert loop_errors == []


# On real sockets and all kinds of event loops


def tls_contexts() -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Make what a server and a client need for TLS."""
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_mode = ssl.CERT_NONE
    return server, client


@asynccontextmanager
async def loopback(
    handler: Callable[[WebSocketServerProtocol], Coroutine[Any, Any, None]] = echo,
    *,
    tls: bool = False,
    **options: Any,
) -> AsyncIterator[tuple[WebSocketClientProtocol, list[WebSocketServerProtocol]]]:
    """Connect a client to a server; the server's connections come along."""
    connections: list[WebSocketServerProtocol] = []

    async def handle(connection: WebSocketServerProtocol) -> None:
        connections.append(connection)
        await handler(connection)

    ssl_server, ssl_client = tls_contexts() if tls else (None, None)
    async with serve(handle, "127.0.0.1", 0, ssl=ssl_server, **options) as server:
        assert server.sockets is not None
        port = server.sockets[0].getsockname()[1]
        uri = f"{'wss' if tls else 'ws'}://127.0.0.1:{port}/"
        async with connect(uri, ssl=ssl_client, **options) as client:
            yield client, connections


@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
@pytest.mark.parametrize("compression", [None, "deflate"])
def test_messages_go_to_and_fro(run: Run[None], compression: str | None, tls: bool) -> None:
    async def main() -> None:
        async with loopback(compression=compression, tls=tls) as (client, _):
            for size in [0, 1, 200, 70_000, 1_000_000]:
                await client.send("a" * size)
                assert await client.recv() == "a" * size
            for number in range(500):
                await client.send(str(number))
            assert [await client.recv() for _ in range(500)] == [*map(str, range(500))]
            await client.send(["a", "b", "c"])
            assert await client.recv() == "abc"
            assert await (await client.ping()) > 0
        assert client.close_code == 1000

    run(main())


def test_a_reader_that_is_slow_slows_the_writer_down(run: Run[None]) -> None:
    written = 0

    async def flood(connection: WebSocketServerProtocol) -> None:
        nonlocal written
        for number in range(400):
            await connection.send(str(number).zfill(65_536))
            written += 1

    async def main() -> None:
        async with loopback(flood, compression=None, max_queue=4) as (client, _):
            await asyncio.sleep(0.05)
            before = written
            for number in range(400):
                assert await client.recv() == str(number).zfill(65_536)
            with pytest.raises(ConnectionClosedOK):
                await client.recv()
            assert before < 400

    run(main())


@pytest.mark.parametrize("end", ["client", "server", "abort", "fail"])
@pytest.mark.parametrize("tls", [False, True], ids=["tcp", "tls"])
def test_transports_are_closed_whoever_ends_the_connection(
    run: Run[None], end: str, tls: bool
) -> None:
    async def main() -> None:
        async with loopback(tls=tls) as (client, connections):
            await client.send("a")
            await client.recv()
            if end == "server":
                await connections[0].close()
            elif end == "abort":
                client.fail_connection()
            elif end == "fail":
                client.fail_connection(1011)

    run(main())
    gc.collect()  # warnings of what isn't closed are errors


@pytest.mark.parametrize("waiting", [False, True])
def test_a_reset_connection_has_the_reset_as_its_cause(run: Run[None], waiting: bool) -> None:
    async def main() -> None:
        ended = asyncio.get_running_loop().create_future()

        async def handle(connection: WebSocketServerProtocol) -> None:
            await connection.recv()
            if not waiting:
                await asyncio.sleep(0.01)
            try:
                while True:
                    await connection.recv()
            except ConnectionClosed as exc:
                ended.set_result((exc.code, type(exc.__cause__)))

        async with loopback(handle) as (client, connections):
            await client.send("a")
            while not connections:
                await asyncio.sleep(0)
            sock = client.transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            client.transport.abort()
            assert await ended == (1006, ConnectionResetError)

    run(main())


async def send_for_ever(connection: WebSocketCommonProtocol) -> None:
    while True:
        await connection.send("a" * 10_000)


def test_a_failure_reaches_a_peer_that_is_still_sending(run: Run[None]) -> None:
    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            await connection.recv()
            connection.fail_connection(1011, "enough")
            await connection.wait_closed()

        async with loopback(handle, compression=None) as (client, _):
            with pytest.raises(ConnectionClosed) as caught:
                await send_for_ever(client)
            assert (caught.value.code, caught.value.reason) == (1011, "enough")

    run(main())


def test_both_sides_close_at_the_same_time(run: Run[None]) -> None:
    async def main() -> None:
        async with loopback() as (client, connections):
            await client.send("a")
            await client.recv()
            await asyncio.gather(client.close(1000, "client"), connections[0].close(1000, "server"))
            assert client.close_reason == "server"
            assert connections[0].close_reason == "client"

    run(main())


def test_a_full_queue_is_closed_by_the_one_and_the_other(run: Run[None]) -> None:
    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            for _ in range(1000):
                await connection.send("a" * 1000)

        async with loopback(handle, compression=None, max_queue=2) as (client, connections):
            await client.recv()
            await client.close()
            await connections[0].wait_closed()
            assert (client.close_code, connections[0].close_code) == (1000, 1000)

    run(main())


async def serve_until_bye(connection: WebSocketServerProtocol) -> None:
    async for message in connection:
        if message == "bye":
            return
        await connection.send(message)


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("end", ["client", "server", "abort", "fail"])
@pytest.mark.parametrize("compression", [None, "deflate"])
@pytest.mark.parametrize("kind", ["asyncio", "uvloop"])
def test_nothing_of_a_connection_is_left_to_the_garbage_collector(
    kind: str,
    compression: str | None,
    end: str,
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    async def live(uri: str) -> None:
        async with connect(uri, compression=compression) as client:
            await client.send("a")
            await client.recv()
            await (await client.ping())
            await client.send(["a", "b"])
            if end == "server":
                await client.send("bye")
                await client.wait_closed()
            elif end == "abort":
                client.fail_connection()
            elif end == "fail":
                client.fail_connection(1011)

    async def main() -> set[str]:
        async with serve(serve_until_bye, "127.0.0.1", 0) as server:
            assert server.sockets is not None
            await live("ws://127.0.0.1:{1}/".format(*server.sockets[0].getsockname()))
            while server.connections:
                await asyncio.sleep(0)
            await asyncio.sleep(0)
            return garbage_modules()

    # Before Python 3.12 transports of asyncio refer to themselves.
    assert loops(kind).run_until_complete(main()) <= {"asyncio.selector_events"}


def garbage_modules() -> set[str]:
    """Tell where the classes are from whose instances wait for the garbage collector."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    try:
        gc.collect()
        modules = {type(each).__module__ for each in gc.garbage}
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
    return modules - {"builtins", "socket", "_socket", "asyncio.trsock"}


@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["asyncio", "debug", "uvloop"])
def test_a_handler_ends_the_program(
    kind: str,
    exception: type[BaseException],
    loops: Callable[[str], asyncio.AbstractEventLoop],
) -> None:
    handlers = []

    async def main() -> None:
        async def handle(connection: WebSocketServerProtocol) -> None:
            handlers.append(connection.handler_task)
            await connection.recv()
            raise exception

        async with loopback(handle) as (client, _):
            await client.send("a")
            await client.recv()

    loop = loops(kind)
    task = loop.create_task(main())
    with pytest.raises(exception):
        loop.run_until_complete(asyncio.wait_for(asyncio.shield(task), 30))
    # What asyncio.run() does then.
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
    assert isinstance(handlers[0].exception(), exception)
