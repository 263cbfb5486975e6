"""Sending by an outbox, at once and slowly, by both twins."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Callable, Coroutine
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.boxes import Cancelled, Outgoing, Sender, Sink, Yielding, finish, waiting_send
from ws_frames import (
    RSV1,
    Connection,
    Extension,
    Frame,
    InvalidState,
    Phase,
    Role,
    pure,
)

# ---------------------------------------------------------------------------
# Sending at once

MESSAGES: list[Any] = [
    "", "text", "é" * 100, "😀", b"", b"\x00\xff", b"x" * 70_000, bytearray(b"array"),
    memoryview(b"view"), memoryview(b"abcdef")[::2],
]  # fmt: skip


class Text(str):
    """A subclass, as applications have."""


@pytest.mark.parametrize("masked", [None, False])
@pytest.mark.parametrize("message", [*MESSAGES, Text("sub"), type("Bytes", (bytes,), {})(b"c")])
def test_a_message_goes_out_as_the_connection_makes_it(
    outgoing: Outgoing, message: Any, masked: bool | None
) -> None:
    outgoing.open(masked=masked)
    assert finish(outgoing.send(message)) is None
    assert outgoing.writes == [Connection(Role.SERVER).send_message(message)]
    assert type(outgoing.writes[0]) is bytes
    assert outgoing.sender.asked == []


@pytest.mark.parametrize("masked", [None, True])
@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_of_a_client_is_masked(
    outgoing: Outgoing, message: Any, masked: bool | None
) -> None:
    outgoing.open(masked=masked, role=Role.CLIENT)
    for _ in range(2):
        finish(outgoing.send(message))
    keys = set()
    for data in outgoing.writes:
        payload = message.encode() if isinstance(message, str) else bytes(message)
        start = len(data) - len(payload) - 4
        keys.add(data[start : start + 4])
        assert data[1] & 0x80
        frame = Connection(Role.SERVER)
        frame.receive_data(data)
        assert frame.next_event() == (message if isinstance(message, str) else payload)
    assert len(keys) == 2


class Marking(Extension):
    """Marks messages that may be compressed."""

    name = "x-mark"
    rsv = RSV1

    def encode(self, frame: Frame) -> Frame:
        return frame._replace(data=b"<" + frame.data + b">")

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        return frame


class Recorder:
    """A connection that notes how messages are made."""

    phase = Phase.OPEN

    def __init__(self) -> None:
        self.made: list[object] = []
        self.pending: Any = False
        self.result: Any = b"frame"

    def send_message(self, payload: Any, *, compress: bool = True) -> Any:
        self.made.append((payload, compress))
        if isinstance(self.result, BaseException):
            raise self.result
        return self.result() if callable(self.result) else self.result


def test_extensions_see_what_is_sent(outgoing: Outgoing) -> None:
    outgoing.open(Connection(Role.SERVER, extensions=[Marking()]))
    finish(outgoing.send("a"))
    assert outgoing.writes == [b"\x81\x03<a>"]


def test_compress_is_handed_on(outgoing: Outgoing) -> None:
    connection = Recorder()
    outgoing.open(connection)
    finish(outgoing.send("a"))
    finish(outgoing.send("b", True))
    finish(outgoing.send("c", False))
    assert connection.made == [("a", True), ("b", True), ("c", False)]
    outgoing.outbox.held = True
    finish(outgoing.send("d"))
    finish(outgoing.send("e", False))
    assert outgoing.sender.asked == [("d", True), ("e", False)]


def test_answers_are_gathered_while_messages_wait_to_be_taken(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    outgoing.inbox.put(["a"])
    finish(outgoing.send("1"))
    assert outgoing.writes == []
    outgoing.inbox.pop()
    finish(outgoing.send("2"))
    assert outgoing.writes == [b"\x81\x011\x81\x012"]


@pytest.mark.parametrize(("pending", "writes"), [(False, 1), (True, 0), (0, 1), (1, 0)])
@pytest.mark.parametrize("masked", [None, False])
def test_answers_are_gathered_while_the_connection_has_more(
    outgoing: Outgoing, masked: bool | None, pending: object, writes: int
) -> None:
    connection = Recorder()
    connection.pending = pending
    outgoing.open(connection, masked=masked)
    finish(outgoing.send("a"))
    assert len(outgoing.writes) == writes
    outgoing.turns.turn()
    assert len(outgoing.writes) == 1


@pytest.mark.parametrize("masked", [None, False, True])
def test_a_text_that_can_not_be_encoded_is_not_sent(
    outgoing: Outgoing, masked: bool | None
) -> None:
    outgoing.open(masked=masked)
    coroutine = outgoing.send("\ud800")
    with pytest.raises(UnicodeEncodeError):
        coroutine.send(None)
    assert outgoing.writes == []
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)


def fail_to_make(outgoing: Outgoing, error: BaseException) -> None:
    connection = Recorder()
    connection.result = error
    outgoing.open(connection)


def fail_to_write(outgoing: Outgoing, error: BaseException) -> None:
    def fail() -> None:
        raise error

    outgoing.open(masked=False)
    outgoing.sink.on_write = fail


def fail_to_schedule(outgoing: Outgoing, error: BaseException) -> None:
    outgoing.open(masked=False)
    outgoing.inbox.put(["a"])
    outgoing.turns.error = error


def fail_to_tell(name: str) -> Callable[[Outgoing, BaseException], None]:
    def fail(outgoing: Outgoing, error: BaseException) -> None:
        def tell(_: object) -> object:
            raise error

        connection = type("Failing", (Recorder,), {name: property(tell, lambda *_: None)})()
        outgoing.open(connection, masked=False)

    return fail


def fail_slowly(outgoing: Outgoing, error: BaseException) -> None:
    outgoing.sender.error = error


def fail_to_start(outgoing: Outgoing, error: BaseException) -> None:
    def fail(*_: object) -> Coroutine[Any, Any, Any]:
        raise error

    vars(outgoing.sender)["_send_slowly"] = fail


def fail_to_drain(outgoing: Outgoing, error: BaseException) -> None:
    outgoing.open(masked=False)
    outgoing.sink.closing = True
    outgoing.sender.error = error


FAILURES = {
    "make": fail_to_make,
    "write": fail_to_write,
    "schedule": fail_to_schedule,
    "phase": fail_to_tell("phase"),
    "pending": fail_to_tell("pending"),
    "slowly": fail_slowly,
    "start": fail_to_start,
    "drain": fail_to_drain,
}


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
@pytest.mark.parametrize("error", [Cancelled(), InvalidState("no"), StopAsyncIteration()], ids=repr)
def test_what_fails_inside_is_raised(
    outgoing: Outgoing,
    fail: Callable[[Outgoing, BaseException], None],
    error: BaseException,
) -> None:
    fail(outgoing, error)
    with pytest.raises(type(error)) as raised:
        outgoing.send("a").send(None)
    assert raised.value is error


@pytest.mark.parametrize("fail", FAILURES.values(), ids=FAILURES)
def test_a_stop_iteration_inside_is_an_error(
    outgoing: Outgoing, fail: Callable[[Outgoing, BaseException], None]
) -> None:
    error = StopIteration("an extension that went too far")
    fail(outgoing, error)
    with pytest.raises(RuntimeError, match="coroutine raised StopIteration") as raised:
        outgoing.send("a").send(None)
    assert raised.value.__cause__ is error


def test_what_the_connection_makes_has_to_be_bytes(twin: ModuleType, outgoing: Outgoing) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its connection promised")
    connection = Recorder()
    for result in (None, bytearray(b"frame"), "frame", 5):
        connection.result = result
        outgoing.open(connection)
        with pytest.raises(TypeError, match=r"send_message\(\) must return bytes"):
            outgoing.send("a").send(None)
    assert outgoing.writes == []


def test_a_connection_may_be_replaced_by_what_it_does(outgoing: Outgoing) -> None:
    class Replacing(Recorder):
        @property
        def phase(self) -> Phase:  # type: ignore[override]
            outgoing.open(Fresh())
            return Phase.OPEN

    class Fresh(Recorder):
        def __init__(self) -> None:
            super().__init__()
            self.result = self.replace

        def replace(self) -> bytes:
            outgoing.open(Recorder())
            return b"frame"

    outgoing.open(Replacing())
    finish(outgoing.send("a"))
    finish(outgoing.send("b"))
    assert outgoing.writes == [b"frame"] * 2


# ---------------------------------------------------------------------------
# Sending slowly


def before_it_is_open(outgoing: Outgoing) -> None:
    pass


def when_it_is_closing(outgoing: Outgoing) -> None:
    outgoing.open(masked=False).send_close(1000, "")


def while_it_is_held(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    outgoing.outbox.held = True


def while_it_is_traced(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    outgoing.outbox.traced = True


SLOW = [before_it_is_open, when_it_is_closing, while_it_is_held, while_it_is_traced]


@pytest.mark.parametrize("prepare", SLOW, ids=lambda prepare: prepare.__name__)
def test_what_can_not_be_sent_at_once_is_sent_slowly(
    outgoing: Outgoing, prepare: Callable[[Outgoing], None]
) -> None:
    prepare(outgoing)
    assert finish(outgoing.send("a")) is None
    assert outgoing.sender.asked == [("a", True)]
    assert outgoing.writes == []


@pytest.mark.parametrize(
    "message", [["a"], iter("a"), {}, 5, None, object()], ids=lambda message: type(message).__name__
)
def test_what_is_not_one_message_is_sent_slowly(outgoing: Outgoing, message: object) -> None:
    outgoing.open(masked=False)
    finish(outgoing.send(message, False))
    assert outgoing.sender.asked == [(message, False)]


def test_it_is_asked_for_what_is_so_when_it_is_awaited(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    coroutine = outgoing.send("a")
    outgoing.outbox.held = True
    finish(coroutine)
    assert outgoing.sender.asked == [("a", True)]


def test_who_sends_to_a_full_sink_waits(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    outgoing.sink.on_write = lambda: setattr(outgoing.outbox, "paused", True)
    outgoing.sender.blockers = [1, 2]
    coroutine = outgoing.send("a")
    assert coroutine.send(None) == 1
    assert outgoing.writes == [b"\x81\x01a"]
    assert outgoing.sender.asked == ["drain"]
    assert coroutine.send("x") == 2
    assert finish(coroutine, "y") is None
    assert outgoing.sender.got == ["x", "y"]


def test_who_sends_to_a_closing_sink_waits(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    outgoing.sink.closing = True
    finish(outgoing.send("a"))
    assert outgoing.sender.asked == ["drain"]


# ---------------------------------------------------------------------------
# In asyncio


WAYS: dict[str, Callable[[Any], Any]] = {
    "create_task": asyncio.create_task,
    "ensure_future": asyncio.ensure_future,
    "gather": asyncio.gather,
    "wait_for": lambda coroutine: asyncio.wait_for(coroutine, 60),
}


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_send_in_a_task(outgoing: Outgoing, way: Callable[[Any], Any]) -> None:
    outgoing.open(masked=False)
    await outgoing.send("a")
    assert await way(outgoing.send("b")) in (None, [None])
    assert outgoing.writes == [b"\x81\x01a", b"\x81\x01b"]


class Waiting(Sender):
    """Waits for a future."""

    def __init__(self) -> None:
        super().__init__()
        self.future: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def _wait(self) -> str:
        return await asyncio.shield(self.future)


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("inside", [False, True], ids=["as a task", "inside of one"])
async def test_send_waits_and_can_be_cancelled(outgoing: Outgoing, inside: bool) -> None:
    async def send() -> None:
        await outgoing.send(["a"])

    def start() -> asyncio.Future[None]:
        return asyncio.ensure_future(send() if inside else outgoing.send(["a"]))

    outgoing.sender = sender = Waiting()
    first, second = start(), start()
    await asyncio.sleep(0)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    sender.future.set_result("")
    assert await second is None  # type: ignore[func-returns-value]


# ---------------------------------------------------------------------------
# What is left behind


def test_sending_leaves_no_cyclic_garbage(twin: ModuleType) -> None:
    def use() -> None:
        outgoing = Outgoing(twin)
        outgoing.open(masked=True)
        finish(outgoing.send("a"))
        outgoing.inbox.put(["a"])
        finish(outgoing.send("b"))
        outgoing.turns.turn()
        waiting_send(outgoing).close()
        coroutine = waiting_send(outgoing)
        try:
            coroutine.throw(Cancelled())
        except Cancelled:
            del coroutine

    use()
    gc.collect()
    gc.disable()
    try:
        use()
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_cycles_through_what_an_outbox_knows_are_collected(twin: ModuleType) -> None:
    class Owner(Sink):
        phase = Phase.OPEN

        def __init__(self) -> None:
            super().__init__()
            self.turns: list[object] = []
            self.outbox = twin.Outbox(self, self.turns.append, twin.Inbox())
            self.outbox.open(self, None)
            self.outbox.write(b"a", True)
            self.outbox.paused = True
            self.coroutine = self.outbox.send(self, self)
            assert self.coroutine.send(None) == "wait"

        async def _send_slowly(self, message: object, compress: bool) -> None:
            await Yielding("wait")

    def use() -> weakref.ref[Owner]:
        return weakref.ref(Owner())

    reference = use()
    gc.collect()
    assert reference() is None
