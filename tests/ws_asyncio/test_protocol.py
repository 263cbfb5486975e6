"""The connection that applications hold: ping, close, cancel, and what is left behind."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import Coroutine
from itertools import count
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_asyncio.protocol import WebSocketCommonProtocol
from ws_frames import (
    Close,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    InvalidState,
    Opcode,
    PreparedMessage,
    ProtocolError,
    Role,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock
    from tests.ws_asyncio.conftest import Establish
    from tests.ws_asyncio.peers import Peer


from tests.ws_asyncio.applications import agen, cancel, shapes

TEXT, CONT, PING, PONG = Opcode.TEXT, Opcode.CONT, Opcode.PING, Opcode.PONG


# Pings


async def test_a_ping_waits_for_its_pong(establish: Establish, role: Role) -> None:
    peer = establish(role)
    pong = await peer.protocol.ping(b"a")
    assert shapes(peer.frames) == [(PING, b"a")]
    await peer.send(peer.pong(b"b"))
    assert not asyncio.ensure_future(pong).done()
    await peer.send(peer.pong(b"a"))
    assert await pong == peer.protocol.latency > 0


async def test_a_later_pong_answers_earlier_pings(establish: Establish) -> None:
    peer = establish()
    pongs = [await peer.protocol.ping() for _ in range(4)]
    data = [frame.data for frame in peer.frames]
    assert len(set(data)) == 4
    await peer.send(peer.pong(data[2]))
    latencies = await asyncio.gather(*pongs[:3])
    assert sorted(latencies, reverse=True) == latencies
    assert not asyncio.ensure_future(pongs[3]).done()


async def test_cancelling_the_wait_for_a_pong_is_harmless(establish: Establish) -> None:
    peer = establish()
    first = asyncio.ensure_future(await peer.protocol.ping(b"a"))
    second = await peer.protocol.ping(b"b")
    first.cancel()
    await peer.send(peer.pong(b"a"))
    await peer.send(peer.pong(b"b"))
    await second
    assert first.cancelled()


@pytest.mark.parametrize("end", ["close", "lost"])
async def test_the_wait_for_a_pong_ends_with_the_connection(establish: Establish, end: str) -> None:
    peer = establish()
    pong = await peer.protocol.ping()
    dropped = await peer.protocol.ping()
    del dropped
    reset = ConnectionResetError()
    if end == "close":
        await peer.send(peer.close(1000, "bye"))
    else:
        await peer.lose(reset)
    with pytest.raises(ConnectionClosed) as caught:
        await pong
    assert caught.value.code == (1000 if end == "close" else 1006)
    assert caught.value.__cause__ is (None if end == "close" else reset)


@pytest.mark.parametrize("data", ["é", "é".encode(), bytearray("é".encode())])
async def test_pings_and_pongs_take_text_and_bytes(establish: Establish, data: Any) -> None:
    peer = establish()
    await peer.protocol.ping(data)
    await peer.protocol.pong(data)
    assert shapes(peer.frames) == [(PING, b"\xc3\xa9"), (PONG, b"\xc3\xa9")]


@pytest.mark.parametrize("data", [5, ["a"], 1.5])
async def test_pings_and_pongs_take_nothing_else(establish: Establish, data: Any) -> None:
    peer = establish()
    with pytest.raises(TypeError):
        await peer.protocol.ping(data)
    with pytest.raises(TypeError):
        await peer.protocol.pong(data)
    assert peer.frames == []


async def test_pings_and_pongs_are_short_and_pings_differ(establish: Establish) -> None:
    peer = establish()
    with pytest.raises(ValueError, match="126"):
        await peer.protocol.ping(b"a" * 126)
    with pytest.raises(ValueError, match="126"):
        await peer.protocol.pong(b"a" * 126)
    await peer.protocol.ping(b"a")
    with pytest.raises(ValueError, match="same data"):
        await peer.protocol.ping(b"a")
    assert len(peer.frames) == 1
    await peer.send(peer.pong(b"a"))
    await peer.protocol.ping(b"a")


# Closing


async def test_closing_twice_is_closing_once(establish: Establish, role: Role) -> None:
    peer = establish(role)
    tasks = [await peer.start(peer.protocol.close(code)) for code in (1000, 1001, 4000)]
    await peer.send(peer.close())
    await peer.lose()
    await asyncio.gather(*tasks)
    await peer.protocol.close()
    assert peer.closes == [Close(1000)]


@pytest.mark.parametrize(
    ("code", "reason"), [(999, ""), (1006, ""), (1015, ""), (5000, ""), (1000, "a" * 124)]
)
async def test_a_close_that_cannot_be_sent_is_refused(
    establish: Establish, code: int, reason: str
) -> None:
    peer = establish()
    with pytest.raises(ProtocolError):
        await peer.protocol.close(code, reason)
    assert peer.frames == []
    assert peer.protocol.open


async def test_a_close_that_nobody_waits_for_goes_on(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)
    await cancel(await peer.start(peer.protocol.close()))
    assert peer.closes == [Close(1000)]
    await peer.protocol.wait_closed()
    assert clock.now == pytest.approx(1010)


async def test_waiting_for_the_end_does_not_bring_it(establish: Establish) -> None:
    peer = establish()
    tasks = [await peer.start(peer.protocol.wait_closed()) for _ in range(3)]
    await cancel(tasks[0])
    await asyncio.sleep(1e6)
    assert [task.done() for task in tasks] == [True, False, False]
    assert peer.protocol.open
    await peer.lose()
    await asyncio.gather(*tasks[1:])
    await peer.protocol.wait_closed()


def test_the_arguments_are_the_documented_ones() -> None:
    connection = WebSocketCommonProtocol.__init__
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(connection).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY
    }
    assert defaults == {
        "ping_interval": 20,
        "ping_timeout": 20,
        "close_timeout": 10,
        "max_size": 2**20,
        "max_queue": 2**5,
        "read_limit": 2**16,
        "write_limit": 2**16,
        "logger": None,
    }


async def test_nothing_works_before_the_opening_handshake(clock: Clock) -> None:
    class Unopened(WebSocketCommonProtocol):
        side = "client"
        role = Role.CLIENT

    connection = Unopened()
    for call in (
        connection.recv,
        lambda: connection.__aiter__().__anext__(),
        lambda: connection.send("a"),
        connection.ping,
        connection.pong,
        connection.close,
    ):
        with pytest.raises(InvalidState, match="opening handshake"):
            await call()
    connection.push(PreparedMessage("a"))
    assert (connection.local_address, connection.remote_address) == (None, None)
    assert connection.backlog == 0


# Cancellation at every step


async def send_whole(peer: Peer, received: list[Data]) -> None:
    await peer.protocol.send("a" * 2000)
    await peer.protocol.send("b")


async def send_fragmented(peer: Peer, received: list[Data]) -> None:
    await peer.protocol.send(agen("a" * 2000, "b" * 2000, "c"))


async def receive_two(peer: Peer, received: list[Data]) -> None:
    received.append(await peer.protocol.recv())
    received.append(await peer.protocol.recv())


async def ping_and_wait(peer: Peer, received: list[Data]) -> None:
    await (await peer.protocol.ping(b"p"))


async def close(peer: Peer, received: list[Data]) -> None:
    await peer.protocol.close()


Action = Callable[["Peer", "list[Data]"], Coroutine[Any, Any, None]]


async def act_as_peer(peer: Peer) -> None:
    """Do step by step what lets each of the above go on to its end."""
    await asyncio.sleep(0.05)
    await peer.send(peer.text("0"))
    await asyncio.sleep(0.05)
    await peer.send(peer.text("1"), peer.pong(b"p"))
    for _ in range(10):
        await asyncio.sleep(0.05)
        if not peer.transport.lost:
            await peer.flow()
            peer.transport.stall()
    if peer.closes:
        await peer.send(peer.close())
        await peer.lose()


@pytest.mark.parametrize("action", [send_whole, send_fragmented, receive_two, ping_and_wait, close])
async def test_cancelling_at_any_step_leaves_the_connection_in_order(
    establish: Establish, role: Role, action: Action
) -> None:
    for steps in count():
        peer = establish(role, write_limit=1000)
        peer.transport.stall()
        received: list[Data] = []
        task = asyncio.ensure_future(action(peer, received))
        other = asyncio.ensure_future(act_as_peer(peer))
        for _ in range(steps):
            await asyncio.sleep(0.01)
        finished = task.done()
        await cancel(task)
        await other
        await look_after(peer, action, received)
        if finished:
            break
    assert steps > 3


async def look_after(peer: Peer, action: Action, received: list[Data]) -> None:
    """See that the connection works on, or is closed with a clear error."""
    peer.transport.stalled = False
    if peer.protocol.open:
        begun = [frame for frame in peer.frames if frame.opcode is TEXT and not frame.fin]
        complete = [frame for frame in peer.frames if frame.opcode is CONT and frame.fin]
        assert len(begun) == len(complete)
        await peer.send(peer.text("on"))
        while "on" not in received:
            received.append(await peer.protocol.recv())
        assert received == ["0", "1", "on"]
        await peer.protocol.send("on")
        assert shapes(peer.frames)[-1] == (TEXT, b"on")
    elif action is send_fragmented:
        assert peer.closes == [Close(1011, "fragmented message not completed")]
        task = asyncio.ensure_future(peer.protocol.send("on"))
        await peer.lose()
        with pytest.raises(ConnectionClosedError):
            await task
    else:
        assert action is close
        assert peer.closes == [Close(1000)]
    await peer.lose()


# What is left behind


EXPECTED = {type(None), ConnectionClosedOK, ConnectionClosedError}


def failed_write(protocol: WebSocketCommonProtocol) -> Exception:
    """Give an exception with the traceback of a call that the connection made."""
    try:
        raise ConnectionResetError
    except ConnectionResetError as exc:
        return exc


async def live(peer: Peer, end: str) -> None:
    """Lead the life of a connection; what it raises is what the end is to bring."""

    async def handle() -> None:
        async for message in peer.protocol:
            await peer.protocol.send(message)
            await peer.protocol.send([message, message])

    task = await peer.start(handle())
    await peer.protocol.ping(b"p")
    await peer.send(peer.text("a"), peer.text("b"), peer.ping(), peer.pong(b"p"))
    await peer.protocol.ping(b"q")
    peer.transport.stall()
    blocked = await peer.start(peer.protocol.send("x" * 2000))
    if end == "close":
        closing = await peer.start(peer.protocol.close())
        await peer.flow()
        await peer.send(peer.close())
        await peer.lose()
        await closing
    elif end == "peer":
        await peer.send(peer.close(1001))
        await peer.flow()
        await peer.lose()
    elif end == "bad":
        await peer.send(b"\xf0")
    elif end == "fail":
        peer.protocol.fail_connection(1011)
    elif end == "lost":
        await peer.lose(failed_write(peer.protocol))
    elif end == "eof":
        await peer.send_eof()
    elif end == "fragments":
        sending = await peer.start(peer.protocol.send(agen("a")))
        await cancel(sending)
        peer.protocol.fail_connection(1011)
    await peer.protocol.wait_closed()
    # Not to await them: the exception would refer to this frame, and this to the tasks.
    await asyncio.wait([task, blocked])
    assert {type(each.exception()) for each in (task, blocked)} <= EXPECTED


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize(
    "end", ["close", "peer", "bad", "fail", "lost", "eof", "fragments", "dead", "keepalive"]
)
async def test_a_closed_connection_is_freed_without_collecting_garbage(
    establish: Establish, role: Role, end: str
) -> None:
    interval = 1 if end == "keepalive" else 1000
    if end == "dead":
        peer = establish(role)
        await peer.protocol.close()
    else:
        peer = establish(role, write_limit=1000, ping_interval=interval, ping_timeout=1)
        await live(peer, end)
    protocol, transport = weakref.ref(peer.protocol), weakref.ref(peer.transport)
    del peer
    await asyncio.sleep(0)
    assert (protocol(), transport()) == (None, None)
