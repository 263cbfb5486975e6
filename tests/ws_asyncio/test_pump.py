"""What is done with that which arrived, and the order in which answers go out."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import connect
from ws_asyncio.testing import connected_pair
from ws_frames import (
    Close,
    Connection,
    ConnectionClosedError,
    Event,
    Opcode,
    Role,
)
from ws_http import ServerHandshake

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Establish

from tests.ws_asyncio.applications import Faulty, echo, shapes

TEXT, BINARY, PING = Opcode.TEXT, Opcode.BINARY, Opcode.PING
PONG, CLOSE = Opcode.PONG, Opcode.CLOSE


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


@pytest.mark.parametrize("number", [2, 32, 33, 64, 500])
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
