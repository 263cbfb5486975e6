"""Sending messages, whole and in fragments."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_frames import (
    Close,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    Opcode,
    PreparedMessage,
    Role,
)

if TYPE_CHECKING:
    from tests.ws_asyncio.conftest import Establish


from tests.ws_asyncio.applications import agen, cancel, shapes

TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT
PING, PONG, CLOSE = Opcode.PING, Opcode.PONG, Opcode.CLOSE


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


async def test_fragments_may_be_released_once_they_are_sent(establish: Establish) -> None:
    def pieces() -> Iterator[memoryview]:
        with memoryview(b"abcd") as view:
            for start in (0, 2):
                with view[start : start + 2] as piece:
                    yield piece

    peer = establish()
    await peer.protocol.send(pieces())
    assert [frame.data for frame in peer.frames] == [b"ab", b"cd", b""]
    assert peer.protocol.open


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


async def test_who_waits_for_a_message_that_goes_on_learns_of_the_end(establish: Establish) -> None:
    async def endless() -> AsyncIterator[str]:
        yield "a"
        await asyncio.get_running_loop().create_future()

    peer = establish()
    first = await peer.start(peer.protocol.send(endless()))
    second = await peer.start(peer.protocol.send("b"))
    await peer.lose()
    with pytest.raises(ConnectionClosedError):
        await second
    assert not first.done()  # that is for its iterator to know
    await cancel(first)


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
