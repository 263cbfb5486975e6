"""Messages and frames on their way out, by both twins."""

from __future__ import annotations

import asyncio
import collections.abc
import gc
import sys
import weakref
from collections.abc import Callable, Coroutine, Generator, Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import (
    RSV1,
    Connection,
    Extension,
    Frame,
    InvalidState,
    Phase,
    Role,
    pure,
    speedups,
)

GATHER_SIZE = 65_536
MAX_PIECES = 1024
SLICE = 1_048_576


class Sink:
    """Keeps what is written, and does what it is told to when that happens."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        self.closing = False
        self.on_write: Callable[[], object] = lambda: None

    def write(self, data: bytes) -> None:
        self.writes.append(data)
        self.on_write()

    def is_closing(self) -> bool:
        return self.closing


class Turns:
    """An event loop that turns when it is told to."""

    def __init__(self) -> None:
        self.due: list[Callable[[], object]] = []
        self.error: BaseException | None = None

    def call_soon(self, function: Callable[[], object]) -> object:
        if self.error is not None:
            raise self.error
        self.due.append(function)
        return object()

    def turn(self) -> None:
        due, self.due = self.due, []
        for function in due:
            function()


class Sender:
    """Notes what it is asked for, and waits as often as it is told to."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.blockers: list[object] = []
        self.got: list[object] = []
        self.error: BaseException | None = None

    async def _send_slowly(self, message: Any, compress: bool) -> Any:
        self.asked.append((message, compress))
        return await self._wait()

    async def _drain(self) -> Any:
        self.asked.append("drain")
        return await self._wait()

    async def _wait(self) -> str:
        for blocker in self.blockers:
            self.got.append(await Yielding(blocker))
        if self.error is not None:
            raise self.error
        return "of no interest"


class Yielding:
    def __init__(self, blocker: object) -> None:
        self.blocker = blocker

    def __await__(self) -> Generator[object, object, object]:
        return (yield self.blocker)


class Cancelled(BaseException):
    pass


class Outgoing:
    """An outbox and all that it has to do with."""

    def __init__(self, twin: ModuleType, **limit: Any) -> None:
        self.sink, self.turns, self.sender = Sink(), Turns(), Sender()
        self.inbox = twin.Inbox()
        self.outbox = twin.Outbox(self.sink, self.turns.call_soon, self.inbox, **limit)

    @property
    def writes(self) -> list[bytes]:
        return self.sink.writes

    def open(
        self, connection: Any = None, *, masked: bool | None = None, role: Role = Role.SERVER
    ) -> Connection:
        opened: Connection = connection or Connection(role)
        self.outbox.open(opened, masked)
        return opened

    def send(self, message: Any, *compress: Any) -> Any:
        return self.outbox.send(self.sender, message, *compress)


@pytest.fixture
def outgoing(twin: ModuleType) -> Outgoing:
    return Outgoing(twin)


def finish(coroutine: Any, value: object = None) -> object:
    """Step a coroutine that has to be done with this step; give what it returns."""
    try:
        blocker = coroutine.send(value)
    except StopIteration as exc:
        return exc.value
    return pytest.fail(f"it waits: {blocker!r}")


# ---------------------------------------------------------------------------
# Gathering


def test_what_is_written_goes_out_at_once(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a")
    outgoing.outbox.write(b"b", False)
    assert outgoing.writes == [b"a", b"b"]
    assert outgoing.turns.due == []


def test_what_is_gathered_goes_out_in_one_at_the_end_of_the_turn(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b", True)
    assert outgoing.writes == []
    assert len(outgoing.turns.due) == 1
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.write(b"c", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab", b"c"]


def test_what_is_gathered_goes_out_when_it_is_flushed(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b", True)
    outgoing.outbox.flush()
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.flush()
    outgoing.turns.turn()
    assert outgoing.writes == [b"ab"]


def test_what_is_written_goes_out_behind_what_was_gathered(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.write(b"b")
    assert outgoing.writes == [b"ab"]
    outgoing.outbox.write(b"c")
    assert outgoing.writes == [b"ab", b"c"]


def test_only_so_much_is_gathered(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a" * (GATHER_SIZE - 1), True)
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    assert list(map(len, outgoing.writes)) == [GATHER_SIZE]
    outgoing.outbox.write(b"c", True)
    assert len(outgoing.writes) == 1
    outgoing.turns.turn()
    assert outgoing.writes[1:] == [b"c"]


def test_only_so_many_pieces_are_gathered(outgoing: Outgoing) -> None:
    for _ in range(MAX_PIECES - 1):
        outgoing.outbox.write(b"a", True)
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    assert outgoing.writes == [b"a" * (MAX_PIECES - 1) + b"b"]


@pytest.mark.parametrize(
    ("limit", "gathered"), [(10, 10), (0, 1), (-1, 1), (1 << 20, GATHER_SIZE), (1 << 70, 65_536)]
)
def test_no_more_is_gathered_than_the_sink_may_hold(
    twin: ModuleType, limit: int, gathered: int
) -> None:
    outgoing = Outgoing(twin, limit=limit)
    outgoing.outbox.write(b"a" * (gathered - 1), gathered > 1)
    assert outgoing.writes == ([] if gathered > 1 else [b""])
    outgoing.outbox.write(b"b", True)
    assert b"".join(outgoing.writes) == b"a" * (gathered - 1) + b"b"


def test_what_is_gathered_goes_out_before_the_end(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]


def test_what_was_gathered_can_be_forgotten(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.discard()
    outgoing.turns.turn()
    outgoing.outbox.finish()
    assert outgoing.writes == []
    outgoing.outbox.write(b"b", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"b"]


def test_what_is_large_goes_out_in_slices(outgoing: Outgoing) -> None:
    data = bytes(range(256)) * 10_000
    outgoing.outbox.write(data)
    assert [len(piece) for piece in outgoing.sink.writes] == [SLICE, SLICE, len(data) - 2 * SLICE]
    assert b"".join(outgoing.sink.writes) == data
    outgoing.outbox.write(data[:SLICE])
    assert outgoing.sink.writes[3:] == [data[:SLICE]]


def test_a_full_sink_gets_the_next_slice_when_there_is_room(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (2 * SLICE + 1))
    outbox.write(b"b")
    assert [len(piece) for piece in writes] == [SLICE]
    assert outbox.backlog == SLICE + 2
    outbox.flush()
    assert len(writes) == 1
    for rest in (2, 1, 0):
        outbox.paused = False
        outbox.flush()
        assert outbox.backlog == rest
    assert b"".join(writes[1:]) == b"a" * (SLICE + 1) + b"b"


def test_what_is_left_of_something_large_goes_out_before_the_end(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (3 * SLICE))
    outbox.write(b"b")
    outbox.finish()
    assert writes[1:] == [b"a" * (2 * SLICE), b"b"]
    outbox.write(b"c")
    assert len(writes) == 3


def test_what_is_left_of_something_large_can_be_forgotten(outgoing: Outgoing) -> None:
    outbox, writes = outgoing.outbox, outgoing.sink.writes
    outgoing.sink.on_write = lambda: setattr(outbox, "paused", True)
    outbox.write(b"a" * (3 * SLICE))
    outbox.discard()
    assert outbox.backlog == 0
    outbox.paused = False
    outbox.write(b"b")
    assert writes[1:] == [b"b"]


def test_no_slice_is_written_to_a_sink_that_closes(outgoing: Outgoing) -> None:
    outgoing.sink.on_write = lambda: setattr(outgoing.sink, "closing", True)
    outgoing.outbox.write(b"a" * (3 * SLICE))
    assert len(outgoing.sink.writes) == 1
    assert outgoing.outbox.paused


def test_an_end_of_turn_may_come_at_any_time(outgoing: Outgoing) -> None:
    outgoing.outbox.end_turn()
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.end_turn()
    assert outgoing.writes == [b"a"]


def test_a_call_soon_may_call_at_once(twin: ModuleType) -> None:
    sink = Sink()
    outbox = twin.Outbox(sink, lambda function: function(), twin.Inbox())
    outbox.write(b"a", True)
    outbox.write(b"b", True)
    assert sink.writes == [b"a", b"b"]


def test_a_call_soon_that_fails_is_asked_again(outgoing: Outgoing) -> None:
    outgoing.turns.error = Cancelled()
    for _ in range(2):
        with pytest.raises(Cancelled):
            outgoing.outbox.write(b"a", True)
    outgoing.turns.error = None
    outgoing.outbox.write(b"b", True)
    outgoing.turns.turn()
    assert outgoing.writes == [b"aab"]


def test_only_bytes_are_gathered(twin: ModuleType, outgoing: Outgoing) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its caller promised")
    for data in ("text", bytearray(b"a"), 5, None):
        with pytest.raises(TypeError, match="data must be bytes"):
            outgoing.outbox.write(data, True)
    outgoing.outbox.flush()
    assert outgoing.writes == []


def test_arguments_that_do_not_fit_are_refused(twin: ModuleType, outgoing: Outgoing) -> None:
    for name, count in (("write", 0), ("write", 3), ("send", 1), ("send", 4)):
        with pytest.raises(TypeError):
            getattr(outgoing.outbox, name)(*[b""] * count)
    with pytest.raises(TypeError):
        outgoing.outbox.open(None)
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print)
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print, twin.Inbox(), limit="1")


def test_a_truth_that_can_not_be_told_is_an_error(twin: ModuleType) -> None:
    outgoing, released = Outgoing(twin), memoryview(b"")
    released.release()
    with pytest.raises(ValueError, match="released"):
        outgoing.outbox.write(b"a", released)
    outgoing.sink.is_closing = lambda: released  # type: ignore[assignment, return-value]
    with pytest.raises(ValueError, match="released"):
        outgoing.outbox.write(b"a")
    assert outgoing.writes == []


def test_a_c_outbox_belongs_to_a_c_inbox(twin: ModuleType) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes whatever has a length")
    with pytest.raises(TypeError):
        twin.Outbox(Sink(), print, pure.Inbox())


# ---------------------------------------------------------------------------
# Backpressure


def test_nothing_is_handed_over_while_the_sink_is_full(outgoing: Outgoing) -> None:
    outbox = outgoing.outbox
    assert (outbox.paused, outbox.backlog) == (False, 0)
    outbox.paused = True
    outbox.write(b"b")
    outbox.write(b"c" * GATHER_SIZE, True)
    outbox.flush()
    outbox.end_turn()
    assert outgoing.writes == []
    assert outbox.backlog == 1 + GATHER_SIZE
    outbox.paused = False
    assert outbox.backlog == 0
    outbox.flush()
    assert outgoing.writes == [b"b" + b"c" * GATHER_SIZE]


def test_what_is_gathered_and_not_waiting_for_the_sink_is_no_backlog(outgoing: Outgoing) -> None:
    outgoing.outbox.write(b"a", True)
    assert outgoing.outbox.backlog == 0


def test_at_the_end_all_is_handed_over_even_to_a_full_sink(outgoing: Outgoing) -> None:
    outgoing.outbox.paused = True
    outgoing.outbox.write(b"a")
    outgoing.outbox.finish()
    assert outgoing.writes == [b"a"]
    assert (outgoing.outbox.paused, outgoing.outbox.backlog) == (True, 0)


def test_a_sink_that_closes_is_written_to_no_more(outgoing: Outgoing) -> None:
    outgoing.sink.closing = True
    outgoing.outbox.write(b"a")
    assert outgoing.outbox.paused
    outgoing.outbox.write(b"b")
    outgoing.outbox.finish()
    assert outgoing.writes == []
    assert (outgoing.outbox.paused, outgoing.outbox.backlog) == (True, 0)


def test_a_sink_may_pause_the_outbox_while_it_is_written_to(outgoing: Outgoing) -> None:
    def pause() -> None:
        outgoing.outbox.paused = True
        outgoing.outbox.write(b"more")

    outgoing.sink.on_write = pause
    outgoing.outbox.write(b"a", True)
    outgoing.outbox.flush()
    assert outgoing.writes == [b"a"]
    assert outgoing.outbox.backlog == 4


def test_what_a_sink_writes_while_it_is_written_to_goes_behind(outgoing: Outgoing) -> None:
    again = [b"b", b"c"]
    outgoing.sink.on_write = lambda: again and outgoing.outbox.write(again.pop(0), len(again) > 0)
    outgoing.outbox.write(b"a")
    outgoing.outbox.flush()
    assert b"".join(outgoing.writes) == b"abc"


@pytest.mark.parametrize("more", [False, True])
def test_a_sink_that_fails_is_an_error(outgoing: Outgoing, more: bool) -> None:
    def fail() -> None:
        raise Cancelled

    outgoing.sink.on_write = fail
    outgoing.outbox.write(b"", True)
    with pytest.raises(Cancelled):
        outgoing.outbox.write(b"a" * GATHER_SIZE, more)
    outgoing.sink.on_write = lambda: None
    outgoing.outbox.finish()  # what failed isn't written again
    assert list(map(len, outgoing.writes)) == [GATHER_SIZE]


def test_a_sink_without_methods_is_an_error(twin: ModuleType) -> None:
    with pytest.raises(AttributeError, match="is_closing"):
        twin.Outbox(None, print, twin.Inbox()).write(b"a")


def test_a_piece_may_write_when_it_is_forgotten(outgoing: Outgoing) -> None:
    class Piece(bytes):
        def __del__(self) -> None:
            outgoing.outbox.write(b"b" * 300, True)

    outgoing.outbox.write(Piece(b"a"), True)
    outgoing.outbox.discard()
    outgoing.outbox.write(b"c", True)
    outgoing.outbox.finish()
    assert b"".join(outgoing.writes) in (b"b" * 300 + b"c", b"c")
    outgoing.outbox.finish()


def test_switches_are_true_or_false(outgoing: Outgoing) -> None:
    for name in ("paused", "held", "traced"):
        assert getattr(outgoing.outbox, name) is False
        setattr(outgoing.outbox, name, True)
        assert getattr(outgoing.outbox, name) is True


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


def waiting(outgoing: Outgoing) -> Any:
    outgoing.sender.blockers = ["wait", "wait again"]
    coroutine = outgoing.send(["slowly"])
    assert coroutine.send(None) == "wait"
    return coroutine


# ---------------------------------------------------------------------------
# A coroutine in the eyes of Python


def test_send_gives_a_coroutine(outgoing: Outgoing) -> None:
    coroutine = outgoing.send("a")
    assert coroutine.__qualname__ == "Outbox.send"
    assert coroutine.__name__ in ("send", "Outbox.send")
    assert asyncio.iscoroutine(coroutine)
    assert isinstance(coroutine, collections.abc.Coroutine)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(Cancelled,), (Cancelled("why"),)], ids=repr)
def test_what_is_thrown_ends_the_waiting(outgoing: Outgoing, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting(outgoing)
    with pytest.raises(Cancelled):
        coroutine.throw(*arguments)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python warns of this form since 3.12")
def test_what_is_thrown_may_be_in_three_parts(outgoing: Outgoing) -> None:
    with pytest.raises(Cancelled, match="why"):
        waiting(outgoing).throw(Cancelled, Cancelled("why"), None)


@pytest.mark.parametrize("arguments", [(), (Cancelled, None, None, None), (5,)], ids=repr)
def test_what_can_not_be_thrown_is_refused(outgoing: Outgoing, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting(outgoing)
    with pytest.raises(TypeError):
        coroutine.throw(*arguments)
    coroutine.close()


class Stubborn(Sender):
    """Goes on whatever is thrown into it."""

    async def _wait(self) -> str:
        for blocker in self.blockers:
            try:
                await Yielding(blocker)
            except Cancelled as exc:
                self.got.append(exc)
        return "of no interest"


def test_who_waits_may_go_on_when_something_is_thrown(outgoing: Outgoing) -> None:
    outgoing.sender = Stubborn()
    coroutine = waiting(outgoing)
    first, second = Cancelled(), Cancelled()
    assert coroutine.throw(first) == "wait again"
    with pytest.raises(StopIteration) as stopped:
        coroutine.throw(second)
    assert stopped.value.value is None
    assert outgoing.sender.got == [first, second]


def test_close_closes_what_waits(outgoing: Outgoing) -> None:
    ended = []

    class Ending(Sender):
        async def _wait(self) -> str:
            try:
                return await super()._wait()
            except GeneratorExit:
                ended.append(True)
                raise

    outgoing.sender = Ending()
    coroutine = waiting(outgoing)
    assert coroutine.close() is None
    assert ended == [True]
    assert coroutine.close() is None
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.throw(Cancelled)


def test_what_fails_while_it_is_closed_is_raised(outgoing: Outgoing) -> None:
    class Failing(Sender):
        async def _wait(self) -> str:
            try:
                return await super()._wait()
            except GeneratorExit:
                raise InvalidState("closed") from None

    outgoing.sender = Failing()
    with pytest.raises(InvalidState, match="closed"):
        waiting(outgoing).close()


def test_what_waits_is_closed_when_it_is_dropped(outgoing: Outgoing) -> None:
    ended = []

    class Ending(Sender):
        async def _wait(self) -> str:
            try:
                return await super()._wait()
            finally:
                ended.append(True)

    outgoing.sender = Ending()
    coroutine = waiting(outgoing)
    del coroutine
    assert ended == [True]


def test_a_coroutine_that_did_not_start_takes_no_value(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    coroutine = outgoing.send("a")
    with pytest.raises(TypeError, match="can't send non-None value to a just-started coroutine"):
        coroutine.send("value")
    finish(coroutine)
    assert len(outgoing.writes) == 1


def test_what_is_thrown_before_it_starts_ends_it(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    coroutine = outgoing.send("a")
    with pytest.raises(Cancelled):
        coroutine.throw(Cancelled())
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)
    assert outgoing.writes == []


def test_who_is_written_to_can_not_step_the_coroutine_that_writes(outgoing: Outgoing) -> None:
    refused: list[str] = []

    def meddle() -> None:
        for method, *arguments in (("send", None), ("throw", KeyError), ("close",)):
            try:
                getattr(coroutine, method)(*arguments)
            except ValueError as exc:
                refused.append(str(exc))

    outgoing.open(masked=False)
    outgoing.sink.on_write = meddle
    coroutine = outgoing.send("a")
    finish(coroutine)
    assert refused == ["coroutine already executing"] * 3


def test_who_sends_can_not_step_the_coroutine_that_waits(outgoing: Outgoing) -> None:
    class Meddling(Sender):
        async def _wait(self) -> str:
            with pytest.raises(ValueError, match="coroutine already executing"):
                coroutine.close()
            return await super()._wait()

    outgoing.sender = Meddling()
    coroutine = outgoing.send(["slowly"])
    finish(coroutine)
    assert outgoing.sender.asked == [(["slowly"], True)]


def test_a_coroutine_that_is_never_awaited_is_warned_of(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    with pytest.warns(RuntimeWarning, match=r"coroutine 'Outbox.send' was never awaited"):
        outgoing.send("a")
    assert outgoing.writes == []


def test_nothing_is_warned_of_where_it_was_closed(
    outgoing: Outgoing, recwarn: pytest.WarningsRecorder
) -> None:
    outgoing.send("a").close()
    assert not recwarn.list


def test_coroutines_are_made_by_an_outbox_only(outgoing: Outgoing) -> None:
    coroutine = outgoing.send("a")
    coroutine.close()
    with pytest.raises(TypeError):
        type(coroutine)()


# ---------------------------------------------------------------------------
# In asyncio


WAYS: dict[str, Callable[[Any], Any]] = {
    "create_task": asyncio.create_task,
    "ensure_future": asyncio.ensure_future,
    "gather": asyncio.gather,
    "wait_for": lambda coroutine: asyncio.wait_for(coroutine, 60),
}


@pytest.fixture(params=[False, True], ids=["", "debug"])
async def debug(request: pytest.FixtureRequest) -> bool:
    asyncio.get_running_loop().set_debug(request.param)
    return bool(request.param)


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
        waiting(outgoing).close()
        coroutine = waiting(outgoing)
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


# ---------------------------------------------------------------------------
# One against the other

sizes = st.sampled_from([0, 1, 7, 400, 30_000, GATHER_SIZE])
whole = st.sampled_from(["", "text", "é" * 70, b"", b"b" * 200, bytearray(b"c"), "\ud800"])
nothing = st.just(0)
operations = st.one_of(
    st.tuples(st.sampled_from(["write", "gather", "gather"]), sizes),
    st.tuples(st.just("many"), st.just(MAX_PIECES // 3)),
    st.tuples(st.sampled_from(["flush", "finish", "discard", "end_turn", "turn"]), nothing),
    st.tuples(st.sampled_from(["paused", "held", "traced"]), st.booleans()),
    st.tuples(st.sampled_from(["closing", "pending", "pausing", "failing"]), st.booleans()),
    st.tuples(st.sampled_from(["put", "pop", "close"]), nothing),
    st.tuples(st.just("open"), st.sampled_from([None, False])),
    st.tuples(st.just("send"), whole | st.just(["fragments"])),
    st.tuples(st.sampled_from(["step", "throw", "end"]), nothing),
)


class Player(Outgoing):
    """Does one operation after the other with an outbox, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, limit: int) -> None:
        super().__init__(twin, limit=limit)
        self.sink.on_write = self.on_write
        self.sender.blockers = ["wait"]
        self.connection = Connection(Role.SERVER)
        self.coroutines: list[Any] = []
        self.pausing = self.failing = False

    def on_write(self) -> None:
        self.outbox.paused |= self.pausing
        if self.failing:
            raise StopIteration("sink")

    def play(self, name: str, argument: Any) -> object:
        try:
            result = self.do(name, argument)
        except BaseException as exc:  # noqa: BLE001 - what happens is compared, whatever it is
            result = type(exc), str(exc)
        outbox = self.outbox
        seen = outbox.paused, outbox.held, outbox.traced, outbox.backlog, len(self.turns.due)
        return result, seen, list(self.writes), list(self.sender.asked)

    def do(self, name: str, argument: Any) -> object:
        outbox = self.outbox
        if name in ("write", "gather"):
            return outbox.write(b"w" * argument, name == "gather")
        if name in ("flush", "finish", "discard", "end_turn"):
            return getattr(outbox, name)()
        if name in ("paused", "held", "traced"):
            setattr(outbox, name, argument)
            return None
        if name in ("pausing", "failing"):
            setattr(self, name, argument)
            return None
        return getattr(self, f"do_{name}")(argument)

    def do_many(self, count: int) -> None:
        for _ in range(count):
            self.outbox.write(b"m", True)

    def do_turn(self, _: object) -> None:
        self.turns.turn()

    def do_closing(self, value: bool) -> None:
        self.sink.closing = value

    def do_pending(self, value: bool) -> None:
        self.connection.pending = value

    def do_put(self, _: object) -> None:
        self.inbox.put(["a"])

    def do_pop(self, _: object) -> object:
        return self.inbox.pop()

    def do_close(self, _: object) -> object:
        return self.connection.send_close(1000, "")

    def do_open(self, masked: bool | None) -> None:
        self.open(self.connection, masked=masked)

    def do_send(self, message: object) -> object:
        self.coroutines.append(self.send(message))
        return self.do_step(None)

    def do_step(self, _: object) -> object:
        return self.coroutines and self.coroutines[-1].send(None)

    def do_throw(self, _: object) -> object:
        return self.coroutines and self.coroutines.pop(0).throw(Cancelled)

    def do_end(self, _: object) -> object:
        return self.coroutines and self.coroutines.pop().close()


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(st.sampled_from([0, 1, 1000, 1 << 17]), st.lists(operations, max_size=40))
def test_the_twins_do_alike(limit: int, played: Sequence[tuple[str, Any]]) -> None:
    from ws_frames import _speedups

    players = [Player(each, limit) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two outboxes with other limits are not alike."""
    seen = [Player(pure, limit).play("gather", 7) for limit in (1, 1000)]
    assert seen[0] != seen[1]
