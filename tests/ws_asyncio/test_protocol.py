"""The connection that applications hold: receive, send, ping and close."""

from __future__ import annotations

import asyncio
import inspect
import weakref
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
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
    Frame,
    InvalidState,
    Opcode,
    PreparedMessage,
    ProtocolError,
    Role,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Clock, Establish, Peer

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
PING, PONG, CLOSE = Opcode.PING, Opcode.PONG, Opcode.CLOSE


def shapes(frames: list[Frame]) -> list[tuple[Opcode, bytes]]:
    return [(frame.opcode, frame.data) for frame in frames]


async def cancel(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


# Receiving


async def test_text_is_received_as_str_and_binary_as_bytes(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)
    await peer.send(peer.text("héllo"), peer.frame(BINARY, b"\xff"), peer.text(""))
    received = [await peer.protocol.recv() for _ in range(3)]
    assert received == ["héllo", b"\xff", ""]


async def test_receiving_waits_for_a_message(establish: Establish, role: Role) -> None:
    peer = establish(role)
    task = await peer.start(peer.protocol.recv())
    await peer.send(peer.text("a", fin=False))
    assert not task.done()
    await peer.send(peer.cont("b"))
    assert await task == "ab"


async def test_only_one_may_receive_at_a_time(establish: Establish) -> None:
    peer = establish()
    task = await peer.start(peer.protocol.recv())
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.recv()
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.__aiter__().__anext__()
    peer.protocol.data_received(peer.text("a"))  # wakes the first, which goes on later
    with pytest.raises(RuntimeError, match="only one coroutine can receive"):
        await peer.protocol.recv()
    assert await task == "a"
    await peer.send(peer.text("b"))
    assert await peer.protocol.recv() == "b"


async def test_cancelling_loses_no_message(establish: Establish) -> None:
    peer = establish()
    for _ in range(2):
        await cancel(await peer.start(peer.protocol.recv()))
    await peer.send(peer.text("a"))
    assert await peer.protocol.recv() == "a"


@pytest.mark.parametrize("cancel_first", [True, False])
@pytest.mark.parametrize("outside", [True, False])
async def test_a_message_that_comes_in_the_turn_of_a_cancellation_is_not_lost(
    establish: Establish, cancel_first: bool, outside: bool
) -> None:
    peer = establish()
    received: list[Data] = []

    async def read() -> None:
        received.append(await peer.protocol.recv())

    def both() -> None:
        if cancel_first:
            task.cancel()
        peer.protocol.data_received(peer.text("a"))
        task.cancel()

    task = await peer.start(read())
    if outside:
        await peer.call(both)
    else:
        both()
    with suppress(asyncio.CancelledError):
        await task
    if not received:
        received.append(await peer.protocol.recv())
    assert received == ["a"]


async def test_a_timeout_loses_no_message(establish: Establish) -> None:
    peer = establish()
    received: list[Data] = []
    for number in range(20):
        call = asyncio.get_running_loop().call_later
        call(0.1 * number, peer.protocol.data_received, peer.text(str(number)))
    while len(received) < 20:
        with suppress(asyncio.TimeoutError):
            received.append(await asyncio.wait_for(peer.protocol.recv(), 0.1))
    assert received == [*map(str, range(20))]


@pytest.mark.parametrize("code", [1000, 1001])
async def test_messages_before_a_close_are_received_first(
    establish: Establish, role: Role, code: int
) -> None:
    peer = establish(role)
    await peer.send(*[peer.text(str(number)) for number in range(3)], peer.close(code, "bye"))
    await peer.lose()
    assert [await peer.protocol.recv() for _ in range(3)] == ["0", "1", "2"]
    for _ in range(2):
        with pytest.raises(ConnectionClosedOK) as caught:
            await peer.protocol.recv()
        assert (caught.value.code, caught.value.reason) == (code, "bye")


@pytest.mark.parametrize("max_queue", [1, 3, 32])
async def test_messages_before_the_loss_of_tcp_are_received_first(
    establish: Establish, role: Role, max_queue: int
) -> None:
    peer = establish(role, max_queue=max_queue)
    reset = ConnectionResetError(104, "reset")
    await peer.send(*[peer.text(str(number)) for number in range(100)])
    await peer.lose(reset)
    assert [await peer.protocol.recv() for _ in range(100)] == [*map(str, range(100))]
    with pytest.raises(ConnectionClosedError) as caught:
        await peer.protocol.recv()
    assert caught.value.code == 1006
    assert caught.value.__cause__ is reset


async def test_a_close_behind_a_full_queue_counts_when_tcp_is_lost(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=1)
    await peer.send(peer.text("a"), peer.text("b"), peer.close(1000, "bye"))
    await peer.lose()
    assert [await peer.protocol.recv() for _ in range(2)] == ["a", "b"]
    with pytest.raises(ConnectionClosedOK):
        await peer.protocol.recv()


async def test_a_failure_behind_a_full_queue_counts_when_tcp_is_lost(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, max_queue=1)
    await peer.send(peer.text("a"), peer.text("b"), b"\xf0")
    await peer.lose(ConnectionResetError())
    assert [await peer.protocol.recv() for _ in range(2)] == ["a", "b"]
    with pytest.raises(ConnectionClosedError) as caught:
        await peer.protocol.recv()
    assert isinstance(caught.value.__cause__, ProtocolError)


@pytest.mark.parametrize("code", [1000, 1001])
async def test_iteration_ends_with_the_connection(establish: Establish, code: int) -> None:
    peer = establish()
    await peer.send(peer.text("a"), peer.text("b"), peer.close(code))
    assert [message async for message in peer.protocol] == ["a", "b"]
    assert [message async for message in peer.protocol] == []


@pytest.mark.parametrize("code", [1002, 1005, 1006, 1011, 3000, 4999])
async def test_iteration_raises_where_the_connection_ended_with_an_error(
    establish: Establish, code: int
) -> None:
    peer = establish()
    received = []

    async def read() -> None:
        async for message in peer.protocol:
            received.append(message)

    await peer.send(peer.text("a"))
    if code == 1006:
        await peer.lose()
    else:
        await peer.send(peer.frame(CLOSE) if code == 1005 else peer.close(code))
    with pytest.raises(ConnectionClosedError) as caught:
        await read()
    assert caught.value.code == code
    assert received == ["a"]


async def test_a_handler_may_do_anything_inside_its_step(establish: Establish) -> None:
    peer = establish()

    async def handle() -> str:
        assert await peer.protocol.recv() == "a"
        await peer.protocol.send("b")
        await peer.protocol.ping(b"c")
        await peer.protocol.send(["d", "e"])
        assert await peer.protocol.recv() == "f"
        closing = asyncio.ensure_future(peer.protocol.close())
        await asyncio.sleep(0)
        assert await peer.protocol.recv() == "g"
        await closing
        with pytest.raises(ConnectionClosedOK):
            await peer.protocol.recv()
        return "done"

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.text("f"))
    await peer.send(peer.text("g"), peer.close())
    assert await task == "done"
    assert [opcode for opcode, _ in shapes(peer.frames)] == [TEXT, PING, TEXT, CONT, CONT, CLOSE]


async def test_closing_inside_a_step_sees_what_came_with_the_message(
    establish: Establish, role: Role, clock: Clock
) -> None:
    peer = establish(role)

    async def handle() -> None:
        await peer.protocol.recv()
        await peer.protocol.close(1001)

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.text("b"), peer.close(1000))
    await peer.lose()
    await task
    assert peer.closes == [Close(1001)]
    assert (peer.protocol.close_code, clock.now) == (1000, 1000)


async def test_failing_inside_a_step_drops_what_came_with_the_message(
    establish: Establish, role: Role
) -> None:
    peer = establish(role)

    async def handle() -> None:
        await peer.protocol.recv()
        peer.protocol.fail_connection(1011)
        await peer.protocol.recv()

    task = await peer.start(handle())
    await peer.send(peer.text("a"), peer.ping(), peer.close(1000))
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await task
    assert shapes(peer.frames) == [(CLOSE, b"\x03\xf3")]


# Sending


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("héllo", (TEXT, "héllo".encode())),
        ("", (TEXT, b"")),
        (b"a", (BINARY, b"a")),
        (bytearray(b"a"), (BINARY, b"a")),
        (memoryview(b"a"), (BINARY, b"a")),
        (memoryview(b"abcd")[::2], (BINARY, b"ac")),
    ],
)
async def test_messages_of_each_type_are_sent(
    establish: Establish, role: Role, message: Any, expected: tuple[Opcode, bytes]
) -> None:
    peer = establish(role)
    await peer.protocol.send(message)
    assert shapes(peer.frames) == [expected]


@pytest.mark.parametrize("message", [5, None, 1.5, object(), {"a": 1}, [5], [["a"]], [{"a": 1}]])
async def test_other_types_are_refused_and_nothing_is_sent(
    establish: Establish, message: Any
) -> None:
    peer = establish()
    with pytest.raises(TypeError):
        await peer.protocol.send(message)
    assert peer.frames == []
    await peer.protocol.send("a")
    assert peer.protocol.open


async def test_text_that_has_no_utf8_is_refused_and_nothing_is_sent(establish: Establish) -> None:
    peer = establish()
    for message in ["\ud800", ["\ud800"]]:
        with pytest.raises(UnicodeEncodeError):
            await peer.protocol.send(message)
    assert peer.frames == []
    await peer.protocol.send("a")


async def agen(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0.1)
        yield item


@pytest.mark.parametrize(
    "make",
    [
        lambda: ["a", "b", "c"],
        lambda: ("a", "b", "c"),
        lambda: iter("abc"),
        lambda: agen("a", "b", "c"),
    ],
)
async def test_an_iterable_makes_a_fragmented_message(
    establish: Establish, make: Callable[[], Any]
) -> None:
    peer = establish()
    await peer.protocol.send(make())
    assert [frame[:3] for frame in peer.frames] == [
        (False, TEXT, b"a"),
        (False, CONT, b"b"),
        (False, CONT, b"c"),
        (True, CONT, b""),
    ]


async def test_fragments_may_be_of_any_binary_type(establish: Establish) -> None:
    peer = establish()
    await peer.protocol.send([b"a", bytearray(b"b"), memoryview(b"c")])
    assert shapes(peer.frames) == [(BINARY, b"a"), (CONT, b"b"), (CONT, b"c"), (CONT, b"")]


@pytest.mark.parametrize("make", [list, tuple, lambda: iter(()), lambda: agen()])
async def test_an_empty_iterable_sends_nothing(
    establish: Establish, make: Callable[[], Any]
) -> None:
    peer = establish()
    await peer.protocol.send(make())
    assert peer.frames == []
    await peer.protocol.send("a")


def failing(exception: BaseException) -> Iterator[str]:
    yield "a"
    raise exception


@pytest.mark.parametrize(
    ("make", "exception"),
    [
        (lambda: ["a", b"b"], TypeError),
        (lambda: [b"a", "b"], TypeError),
        (lambda: ["a", 5], TypeError),
        (lambda: ["a", "\ud800"], UnicodeEncodeError),
        (lambda: agen("a", b"b"), TypeError),
        (lambda: failing(ValueError("mine")), ValueError),
    ],
)
async def test_a_message_that_cannot_be_completed_fails_the_connection(
    establish: Establish, role: Role, make: Callable[[], Any], exception: type[Exception]
) -> None:
    peer = establish(role)
    with pytest.raises(exception):
        await peer.protocol.send(make())
    assert peer.closes == [Close(1011, "fragmented message not completed")]


async def test_a_message_that_fails_before_its_first_fragment_fails_nothing(
    establish: Establish,
) -> None:
    async def nothing() -> AsyncIterator[str]:
        for divisor in (0, 1):
            yield str(1 // divisor)

    peer = establish()
    with pytest.raises(ZeroDivisionError):
        await peer.protocol.send(nothing())
    await peer.protocol.send("a")
    assert shapes(peer.frames) == [(TEXT, b"a")]


@pytest.mark.parametrize("make", [lambda: ["a", b"b"], lambda: Endless()])
async def test_a_message_that_fails_leaves_no_iterator_to_be_closed_later(
    establish: Establish, make: Callable[[], Any]
) -> None:
    tasks = []

    def make_task(loop: Any, coro: Any, **kwargs: Any) -> asyncio.Task[Any]:
        tasks.append(coro)
        return asyncio.Task(coro, loop=loop, **kwargs)

    peer = establish()
    asyncio.get_running_loop().set_task_factory(make_task)
    with suppress(TypeError):
        await peer.protocol.send(make())
    await peer.turn()
    asyncio.get_running_loop().set_task_factory(None)
    assert tasks == []


class Endless:
    """An asynchronous iterator that holds no resource."""

    def __init__(self) -> None:
        self.count = 0

    def __aiter__(self) -> Endless:
        return self

    async def __anext__(self) -> str | bytes:
        self.count += 1
        return "a" if self.count < 5 else b"b"


async def test_others_wait_until_a_fragmented_message_is_complete(establish: Establish) -> None:
    peer = establish()
    first = await peer.start(peer.protocol.send(agen("a", "b")))
    others = [await peer.start(peer.protocol.send(message)) for message in ("c", ["d"], "e")]
    await first
    await asyncio.gather(*others)
    assert [frame.data for frame in peer.frames] == [b"a", b"b", b"", b"c", b"d", b"", b"e"]


async def test_what_is_pushed_waits_until_a_fragmented_message_is_complete(
    establish: Establish,
) -> None:
    peer = establish()
    first = await peer.start(peer.protocol.send(agen("a")))
    second = await peer.start(peer.protocol.send("d"))
    peer.protocol.push(PreparedMessage("b"))
    peer.protocol.push(PreparedMessage("c"))
    await asyncio.gather(first, second)
    assert [frame.data for frame in peer.frames] == [b"a", b"", b"b", b"c", b"d"]


async def test_what_is_pushed_counts_as_backlog_while_it_waits_for_a_message(
    establish: Establish,
) -> None:
    peer = establish(write_limit=1000)
    task = await peer.start(peer.protocol.send(agen("a")))
    peer.protocol.push(PreparedMessage("b" * 300))
    peer.protocol.push(PreparedMessage(b"c" * 400))
    before = peer.protocol.backlog
    await task
    assert (before, peer.protocol.backlog) == (700, 0)
    peer.transport.stall()
    peer.protocol.push(PreparedMessage("d" * 2000))
    peer.protocol.push(PreparedMessage("e" * 300))
    assert 300 < peer.protocol.backlog < 310


async def test_nothing_is_pushed_to_a_connection_that_is_not_open(establish: Establish) -> None:
    peer = establish()
    peer.protocol.push(PreparedMessage("a"))
    task = await peer.start(peer.protocol.close())
    peer.protocol.push(PreparedMessage("b"))
    assert [opcode for opcode, _ in shapes(peer.frames)] == [TEXT, CLOSE]
    await peer.lose()
    peer.protocol.push(PreparedMessage("c"))
    await task
    assert len(peer.frames) == 2


async def test_pings_and_closes_may_go_between_fragments(establish: Establish) -> None:
    peer = establish()
    task = await peer.start(peer.protocol.send(agen("a", "b")))
    await asyncio.sleep(0.15)
    await peer.protocol.ping(b"1")
    await peer.send(peer.ping(b"2"))
    closing = await peer.start(peer.protocol.close())
    assert shapes(peer.frames)[:3] == [(TEXT, b"a"), (PING, b"1"), (PONG, b"2")]
    await peer.send(peer.close())
    await closing
    with pytest.raises(ConnectionClosedOK):
        await task
    assert peer.closes == [Close(1000)]


async def test_who_waits_for_a_message_that_fails_learns_of_the_end(establish: Establish) -> None:
    peer = establish()
    first = await peer.start(peer.protocol.send(agen("a", b"b")))
    second = await peer.start(peer.protocol.send("c"))
    with pytest.raises(TypeError):
        await first
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await second


async def test_sending_waits_while_the_peer_doesnt_read(establish: Establish) -> None:
    peer = establish(write_limit=1000)
    peer.transport.stall()
    await peer.protocol.send("a" * 900)
    task = await peer.start(peer.protocol.send("b" * 900))
    other = await peer.start(peer.protocol.send("c"))
    assert not task.done()
    assert not other.done()
    await peer.flow()
    await asyncio.gather(task, other)
    assert [frame.data[:1] for frame in peer.frames] == [b"a", b"b", b"c"]


@pytest.mark.parametrize("name", ["ping", "pong"])
async def test_pings_and_pongs_wait_while_the_peer_doesnt_read(
    establish: Establish, name: str
) -> None:
    peer = establish(write_limit=10)
    peer.transport.stall()
    task = await peer.start(getattr(peer.protocol, name)(b"x" * 20))
    assert not task.done()
    await peer.flow()
    await task
    assert [frame.data for frame in peer.frames] == [b"x" * 20]


@pytest.mark.parametrize("name", ["send", "ping", "pong"])
async def test_who_goes_on_sending_leaves_the_loop_its_turn_when_tcp_has_failed(
    establish: Establish, name: str
) -> None:
    peer = establish()

    async def go_on() -> None:
        for _ in range(10):
            await getattr(peer.protocol, name)(None if name == "ping" else "x")

    peer.transport.abort()  # the protocol is told in the next turn
    with pytest.raises(ConnectionClosedError):
        await go_on()
    assert peer.transport.writes == []


async def test_what_is_gathered_counts_among_what_waits_to_be_written(
    establish: Establish,
) -> None:
    peer = establish(write_limit=1000)
    sent = 0

    async def echo() -> None:
        nonlocal sent
        async for message in peer.protocol:
            await peer.protocol.send(message)
            sent += 1

    await peer.start(echo())
    peer.transport.stall()
    await peer.send(*[peer.text("a" * 100)] * 32)
    await peer.turn()
    assert sent <= 20


async def test_who_waits_to_send_learns_that_the_connection_is_lost(
    establish: Establish, role: Role
) -> None:
    peer = establish(role, write_limit=1000)
    peer.transport.stall()
    tasks = [await peer.start(peer.protocol.send("a" * 2000)) for _ in range(3)]
    reset = ConnectionResetError()
    await peer.lose(reset)
    for task in tasks:
        with pytest.raises(ConnectionClosedError) as caught:
            await task
        assert caught.value.__cause__ is reset


async def test_one_who_gives_up_sending_leaves_the_others_waiting(establish: Establish) -> None:
    peer = establish(write_limit=1000)
    peer.transport.stall()
    tasks = [await peer.start(peer.protocol.send("a" * 2000)) for _ in range(3)]
    await cancel(tasks[0])
    await cancel(tasks[2])
    await peer.turn()
    assert not tasks[1].done()
    await peer.flow()
    await tasks[1]
    assert len(peer.frames) == 3
    assert peer.protocol.open


@pytest.mark.parametrize("call", ["send", "send fragments", "ping", "pong"])
@pytest.mark.parametrize("end", ["close sent", "close received", "failed", "lost"])
async def test_nothing_can_be_sent_when_the_connection_is_closing(
    establish: Establish, role: Role, call: str, end: str
) -> None:
    peer = establish(role)
    if end == "close sent":
        await peer.start(peer.protocol.close())
    elif end == "close received":
        peer.transport.stall()
        await peer.send(peer.close())
    elif end == "failed":
        peer.protocol.fail_connection(1011)
    else:
        await peer.lose()
    before = len(peer.frames)
    calls: dict[str, Callable[[], Coroutine[Any, Any, object]]] = {
        "send": lambda: peer.protocol.send("a"),
        "send fragments": lambda: peer.protocol.send(["a"]),
        "ping": lambda: peer.protocol.ping(),
        "pong": lambda: peer.protocol.pong(),
    }
    task = asyncio.ensure_future(calls[call]())
    await peer.turn()
    assert task.done() is (end == "lost")  # else the code and the reason aren't known yet
    await peer.lose()
    with pytest.raises(ConnectionClosed) as caught:
        await task
    assert caught.value.code == (1000 if end == "close received" else 1006)
    assert len(peer.frames) == before


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
