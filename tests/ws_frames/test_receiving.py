"""Bytes that go into an inbox which knows its connection, and who is woken, by both twins."""

from __future__ import annotations

import contextvars
import gc
import weakref
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import Close, Connection, Failure, Phase, Ping, Role, pure, speedups

HELLO = b"\x81\x05Hello"
PING = b"\x89\x00"
CLOSE = b"\x88\x02\x03\xe8"
WRONG = b"\xff"
LARGE_READ = 65_536


def texts(*payloads: str) -> bytes:
    """The frames of short messages."""
    return b"".join(b"\x81" + bytes((len(text),)) + text.encode() for text in payloads)


class Oops(Exception):
    """What goes wrong here."""


def fail(*_: object, **__: object) -> Any:
    raise Oops


class Loop:
    """An event loop that turns when it is told to; ``current`` is the task that runs."""

    def __init__(self) -> None:
        self.due: list[tuple[Callable[..., object], tuple[Any, ...]]] = []
        self.current: object = None
        self.on_call: Callable[[], object] = lambda: None

    def call_soon(
        self,
        callback: Callable[..., object],
        *arguments: Any,
        context: contextvars.Context | None = None,
    ) -> object:
        self.on_call()
        self.due.append((callback, arguments))
        return object()

    def current_task(self) -> object:
        return self.current

    def turn(self) -> None:
        due, self.due = self.due, []
        for callback, arguments in due:
            callback(*arguments)


class Sink:
    """Keeps what is written."""

    def __init__(self) -> None:
        self.writes: list[bytes | memoryview] = []
        self.on_write: Callable[[], object] = lambda: None

    def write(self, data: bytes | memoryview) -> None:
        self.on_write()
        self.writes.append(data)

    def is_closing(self) -> bool:
        return False


class Task:
    """Steps coroutines, one after the other, as tasks do; keeps what they return."""

    def __init__(self, new: Callable[[], Any], results: list[Any]) -> None:
        self.new, self.results = new, results
        self.coroutine = new()
        self.blocked_by: Any = None
        self.steps = 0
        self.step()

    def step(self, _: object = None) -> None:
        self.blocked_by = None
        self.steps += 1
        while True:
            try:
                self.blocked_by = self.coroutine.send(None)
            except StopIteration as exc:
                self.results.append(exc.value)
                self.coroutine = self.new()
            except Exception as exc:  # noqa: BLE001 - as a task does
                self.results.append(type(exc))
                return
            else:
                self.blocked_by.add_done_callback(self.step, context=contextvars.Context())
                return


class Done(Exception):
    """No message will come."""


class End:
    """One end of a connection, which does what the inbox asks of a source and notes it."""

    def __init__(self, twin: ModuleType, connection: Any = None, **limits: Any) -> None:
        self.loop, self.sink = Loop(), Sink()
        self.asked: list[Any] = []
        self.events: list[Any] = []
        self.hooks: dict[str, Callable[..., object]] = {}
        self.connection: Any = connection or Connection(Role.CLIENT)
        self.inbox = twin.Inbox(**limits)
        self.waiter = twin.Waiter(self.loop, Loop.current_task)
        self.outbox = twin.Outbox(self.sink, self.loop.call_soon, self.inbox)
        self.inbox.open(self, self.connection, self.waiter, self.outbox)

    def ask(self, what: Any) -> None:
        self.asked.append(what)
        self.hooks.get(what[0] if isinstance(what, tuple) else what, lambda: None)()

    def _receive_slowly(self, data: bytes) -> None:
        self.ask(("slowly", data))
        self.connection.receive_into(self.inbox, data)
        if self.inbox:
            self.waiter.wake()
        self.pump()

    def _pump(self) -> None:
        self.ask("pump")
        self.pump()

    def _wait_for_message(self) -> object | None:
        self.ask("wait")
        self.pump(to_message=True)
        if self.inbox:
            return None
        if self.connection.phase is not Phase.OPEN and not self.connection.pending:
            raise Done
        blocker: object = self.waiter.start()
        self.outbox.flush()
        return blocker

    def pump(self, *, to_message: bool = False) -> None:
        while self.inbox.room and self.connection.pending and not (to_message and self.inbox):
            messages = self.connection.ready_messages(self.inbox.room)
            event = None if messages else self.connection.next_event()
            if isinstance(event, (str, bytes)):
                messages = [event]
            elif event is not None:
                self.events.append(event)
            self.inbox.put(messages)
            if self.inbox:
                self.waiter.wake()

    def receive(self, data: Any) -> None:
        assert self.inbox.receive(data) is None

    def task(self) -> Task:
        """Have a task receive one message after the other; they go among the events."""
        return Task(lambda: self.inbox.recv(self), self.events)


class Recorder:
    """A connection of which attributes are whatever a test makes them."""

    def __init__(self, twin: ModuleType, **attributes: Any) -> None:
        self._real = Connection(Role.CLIENT)
        self._real._parser = twin.Parser(masked=False)
        vars(self).update(attributes)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)

    def receive_into(self, inbox: Any, data: bytes) -> bool:
        # As that of a connection, with the attributes of this one.
        left = inbox.fill(self._parser, data)
        if left is None:
            return True
        self._parsed = left
        self.pending = True
        return False


def recorder(twin: ModuleType, **properties: Callable[[Any], Any]) -> Any:
    """A recorder that calls something when an attribute is looked at."""
    made = {
        name: property(get, lambda *_: None) if get is not fail else property(get, fail)
        for name, get in properties.items()
    }
    return type("Special", (Recorder,), made)(twin)


@pytest.fixture
def end(twin: ModuleType) -> End:
    return End(twin)


# ---------------------------------------------------------------------------
# Receiving


def test_who_waits_has_the_message_before_the_call_returns(end: End) -> None:
    end.task()
    end.receive(HELLO)
    assert end.events == ["Hello"]
    end.receive(texts("a", "b") + b"\x82\x01c")
    assert end.events == ["Hello", "a", "b", b"c"]
    assert (end.loop.due, len(end.inbox)) == ([], 0)
    assert [what for what in end.asked if what != "wait"] == []


def test_while_a_task_runs_the_message_is_taken_in_the_next_turn(end: End) -> None:
    end.task()
    end.loop.current = object()
    end.receive(HELLO)
    assert (end.events, len(end.inbox)) == ([], 1)
    end.loop.turn()
    assert end.events == ["Hello"]


def test_a_message_that_nobody_waits_for_is_kept(end: End) -> None:
    end.receive(texts("a", "b"))
    assert (len(end.inbox), end.asked) == (2, ["pump"])
    end.task()
    assert end.events == ["a", "b"]


def test_a_part_of_a_message_wakes_nobody(end: End) -> None:
    task = end.task()
    del end.asked[:]
    end.receive(HELLO[:3])
    assert (end.events, end.asked) == ([], [])
    assert (task.steps, task.blocked_by) == (1, end.waiter)
    end.receive(HELLO[3:])
    assert (end.events, end.asked[:1]) in ((["Hello"], []), (["Hello"], ["wait"]))


def test_no_bytes_are_nothing(end: End) -> None:
    end.receive(b"")
    assert (end.asked, len(end.inbox)) == ([], 0)


def test_what_is_no_message_is_acted_on_after_what_stands_before_it(end: End) -> None:
    end.task()
    end.receive(HELLO + PING + texts("a"))
    assert end.events == ["Hello", Ping(b""), "a"]
    assert end.connection.data_to_send()[:1] == b"\x8a"


def test_what_is_no_message_is_acted_on_where_nobody_waits(end: End) -> None:
    end.receive(PING)
    assert (end.events, end.asked) == ([Ping(b"")], ["pump"])
    assert not end.connection.pending


def test_an_error_is_acted_on(end: End) -> None:
    end.task()
    end.receive(HELLO + WRONG)
    assert alike(end.events) == ["Hello", Failure, Done]
    end.receive(HELLO)
    assert end.asked[-1] == ("slowly", HELLO)
    assert len(end.events) == 3


class Bytes(bytes):
    """A subclass, as nobody has it."""


def send_close(end: End) -> None:
    end.connection.send_close(1000, "")


def trace(end: End) -> None:
    end.inbox.traced = True


def leave_something(end: End) -> None:
    end.connection.receive_data(texts("before"))


@pytest.mark.parametrize("prepare", [send_close, trace, leave_something])
def test_bytes_that_need_more_are_received_slowly(end: End, prepare: Callable[[End], None]) -> None:
    prepare(end)
    end.receive(HELLO)
    assert end.asked == [("slowly", HELLO)]
    end.task()
    assert [event for event in end.events if isinstance(event, str)][-1] == "Hello"


@pytest.mark.parametrize("data", [bytearray(HELLO), memoryview(HELLO), Bytes(HELLO)])
def test_what_is_not_exactly_bytes_is_received_slowly(end: End, data: Any) -> None:
    end.receive(data)
    assert len(end.asked) == 1
    assert end.asked[0][1] is data
    end.task()
    assert end.events == ["Hello"]


@pytest.mark.parametrize("size", [LARGE_READ - 1, LARGE_READ, LARGE_READ + 1])
def test_large_reads_are_received_slowly(end: End, size: int) -> None:
    payload = b"x" * (size - 4)
    data = b"\x82\x7e" + len(payload).to_bytes(2, "big") + payload
    assert len(data) == size
    end.task()
    del end.asked[:]
    end.receive(data)
    assert end.events == [payload]
    assert (("slowly", data) in end.asked) == (size >= LARGE_READ)


def test_nothing_is_received_before_it_is_open(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    assert inbox.receive(HELLO) is None
    assert len(inbox) == 0


def test_nothing_is_received_after_it_was_closed(end: End) -> None:
    for _ in range(2):
        end.inbox.close()
        end.receive(HELLO)
    assert (end.asked, len(end.inbox), end.connection.pending) == ([], 0, False)


def test_messages_are_taken_after_it_was_closed(end: End) -> None:
    end.receive(texts("a"))
    end.inbox.close()
    task = end.task()
    assert (end.events, end.asked) == (["a"], ["pump", "wait"])
    assert task.blocked_by is end.waiter


def test_it_can_be_opened_anew(twin: ModuleType, end: End) -> None:
    other = End(twin)
    end.inbox.open(other, other.connection, other.waiter, other.outbox)
    end.receive(PING)
    assert (end.asked, other.asked) == ([], ["pump"])
    assert other.events == [Ping(b"")]


def test_switches_are_true_or_false(end: End) -> None:
    for name in ("stopped", "traced"):
        assert getattr(end.inbox, name) is False
        setattr(end.inbox, name, True)
        assert getattr(end.inbox, name) is True


def test_a_c_inbox_belongs_to_a_c_waiter_and_outbox(twin: ModuleType, end: End) -> None:
    if twin is pure:
        pytest.skip("the pure twin takes what its caller promised")
    loop, inbox = Loop(), pure.Inbox()
    strangers = (
        (end, end.connection, pure.Waiter(loop, Loop.current_task), end.outbox),
        (end, end.connection, end.waiter, pure.Outbox(end.sink, loop.call_soon, inbox)),
        (end, end.connection, end.waiter),
    )
    for arguments in strangers:
        with pytest.raises(TypeError):
            end.inbox.open(*arguments)
    end.receive(PING)  # by what it was opened with before
    assert end.events == [Ping(b"")]


# ---------------------------------------------------------------------------
# Waiting


def test_who_waits_has_gathered_bytes_written(end: End) -> None:
    end.outbox.write(b"a", True)
    end.outbox.write(b"b", True)
    end.task()
    assert end.sink.writes == [b"ab"]


def test_a_write_that_fails_is_an_error_of_who_waits(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = fail
    task = end.task()
    assert (end.events, task.blocked_by) == ([Oops], None)
    assert not end.inbox.taken


def test_what_is_written_may_bring_the_message(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = lambda: end.receive(HELLO)
    end.task()
    assert (end.events, len(end.inbox)) == ([], 1)
    end.loop.turn()
    assert end.events == ["Hello"]


def test_what_is_written_may_close_the_inbox(end: End) -> None:
    end.outbox.write(b"a", True)
    end.sink.on_write = end.inbox.close
    task = end.task()
    assert task.blocked_by is end.waiter
    end.receive(HELLO)
    assert end.events == []


def test_a_source_that_stopped_is_asked(end: End) -> None:
    end.inbox.stopped = True
    end.task()
    assert end.asked == ["wait"]


def test_a_source_whose_connection_ends_is_asked(end: End) -> None:
    end.connection.receive_eof()
    end.task()
    assert (end.asked, end.events) == (["wait"], [Done])


def test_what_was_received_before_the_end_is_taken(end: End) -> None:
    end.receive(texts("a", "b") + PING)
    end.connection.receive_eof()
    end.inbox.close()
    end.task()
    assert end.events == [Ping(b""), "a", "b", Done]


# ---------------------------------------------------------------------------
# More messages than there is room for

BEHIND = {
    "nothing": b"",
    "a ping": PING,
    "a close frame": CLOSE,
    "an error": WRONG,
    "a part": HELLO[:4],
    "more": PING + texts("x", "y", "z") + PING + CLOSE,
    "more than is parsed at once": texts("x") * 5000,
}


def after_all(behind: bytes) -> list[Any]:
    """What comes of bytes, by a connection alone."""
    connection, events = Connection(Role.CLIENT), []
    connection.receive_data(behind)
    while (event := connection.next_event()) is not None:
        events.append(event)
        if isinstance(event, (Close, Failure)):
            break
    return events


def alike(events: Sequence[Any]) -> list[Any]:
    return [type(event) if isinstance(event, Failure) else event for event in events]


@pytest.mark.parametrize("waiting", [False, True], ids=["nobody waits", "somebody waits"])
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
def test_messages_without_room_are_taken_in_order(
    twin: ModuleType, behind: bytes, waiting: bool
) -> None:
    end, numbers = End(twin, max_queue=2), [str(number) for number in range(9)]
    if waiting:
        end.task()
    end.receive(texts(*numbers) + behind)
    if not waiting:
        assert len(end.inbox) == 2
        assert end.connection.pending
        end.task()
    received = [event for event in end.events if event is not Done]
    assert alike(received) == alike(numbers + after_all(behind))
    assert not end.connection.pending
    end.receive(HELLO[len(HELLO[:4]) if behind == HELLO[:4] else 0 :])
    assert (end.events[-1] == "Hello") == (behind not in (CLOSE, WRONG, BEHIND["more"]))


def test_bytes_that_come_while_others_wait_are_behind_them(twin: ModuleType) -> None:
    end = End(twin, max_queue=2)
    end.receive(texts("1", "2", "3", "4", "5"))
    end.receive(texts("6", "7") + PING)
    end.receive(texts("8"))
    end.task()
    assert end.events == ["1", "2", "3", "4", "5", "6", "7", Ping(b""), "8"]
    assert not end.connection.pending


def test_a_full_inbox_is_filled_again_as_far_as_there_is_room(twin: ModuleType) -> None:
    end = End(twin, max_queue=2)
    end.receive(texts(*"12345678"))
    taken = []
    for left in (1, 0, 1, 0, 1, 0, 1, 0):
        coroutine = end.inbox.recv(end)
        with pytest.raises(StopIteration) as stopped:
            coroutine.send(None)
        taken.append(stopped.value.value)
        assert len(end.inbox) == left
    assert taken == [*"12345678"]
    assert not end.connection.pending


def test_an_inbox_that_ended_is_not_filled_again(twin: ModuleType) -> None:
    end = End(twin, max_queue=1)
    end.receive(texts("1", "2"))
    end.inbox.end()
    assert end.inbox.pop() == "1"
    coroutine = end.inbox.recv(end)
    assert coroutine.send(None) is end.waiter
    assert end.asked[-1] == "wait"
    coroutine.close()


def only_c(twin: ModuleType) -> None:
    if twin is pure:
        pytest.skip("the pure twin asks its source each time")


def test_the_source_need_not_be_asked(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=2)
    end.task()
    end.receive(texts(*"1234567"))
    assert end.events == [*"1234567"]
    assert "wait" not in end.asked


def test_the_source_is_asked_for_what_it_received_itself(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=1)
    end.connection.receive_data(texts("1", "2"))
    end.task()
    assert end.events == ["1", "2"]
    assert end.asked == ["wait", "wait"]


def test_the_source_is_asked_for_more_than_was_received_at_once(twin: ModuleType) -> None:
    only_c(twin)
    end = End(twin, max_queue=1)
    end.receive(texts("1", "2", "3"))
    end.connection.receive_data(texts("4"))
    for text in ("1", "2", "3"):
        with pytest.raises(StopIteration, match=text):
            end.inbox.recv(end).send(None)
    assert end.asked == ["pump"]
    with pytest.raises(StopIteration, match="4"):
        end.inbox.recv(end).send(None)
    assert end.asked == ["pump", "wait"]


# ---------------------------------------------------------------------------
# What goes wrong, and what happens in between


@pytest.mark.parametrize("hook", ["slowly", "pump"])
def test_what_a_source_raises_is_raised(end: End, hook: str) -> None:
    end.hooks[hook] = fail
    end.inbox.traced = hook == "slowly"
    with pytest.raises(Oops):
        end.receive(HELLO)
    assert len(end.inbox) == (hook == "pump")


def test_a_source_without_the_methods_is_an_error(end: End) -> None:
    end.inbox.open(object(), end.connection, end.waiter, end.outbox)
    with pytest.raises(AttributeError, match="_pump"):
        end.receive(HELLO)
    end.inbox.traced = True
    with pytest.raises(AttributeError, match="_receive_slowly"):
        end.receive(HELLO)
    assert end.inbox.pop() == "Hello"


def test_a_message_is_kept_where_waking_fails(end: End) -> None:
    task = end.task()
    end.loop.current, end.loop.on_call = object(), fail
    with pytest.raises(Oops):
        end.receive(HELLO)
    assert "pump" not in end.asked
    assert len(end.inbox) == 1
    assert task.blocked_by is end.waiter
    end.loop.on_call = lambda: None
    end.waiter.wake()
    end.loop.turn()
    assert end.events == ["Hello"]


@pytest.mark.parametrize("name", ["phase", "pending", "_parser"])
def test_an_attribute_that_can_not_be_told_is_an_error(twin: ModuleType, name: str) -> None:
    end = End(twin, recorder(twin, **{name: fail}))
    with pytest.raises(Oops):
        end.receive(HELLO)
    assert (len(end.inbox), end.asked) == (0, [])


@pytest.mark.parametrize("name", ["_parsed", "pending"])
def test_an_attribute_that_can_not_be_set_is_an_error(twin: ModuleType, name: str) -> None:
    get = {"_parsed": lambda _: [], "pending": lambda _: False}[name]
    connection = type("Fixed", (Recorder,), {name: property(get)})(twin)
    end = End(twin, connection)
    with pytest.raises(AttributeError):
        end.receive(HELLO + PING)
    assert len(end.inbox) == 1


def test_a_truth_that_can_not_be_told_is_an_error(twin: ModuleType) -> None:
    released = memoryview(b"")
    released.release()
    end = End(twin, Recorder(twin, pending=released))
    with pytest.raises(ValueError, match="released"):
        end.receive(HELLO)
    assert len(end.inbox) == 0


def test_a_pending_that_fails_later_is_an_error(twin: ModuleType) -> None:
    answers = [False]
    end = End(twin, recorder(twin, pending=lambda _: answers.pop() if answers else fail()))
    with pytest.raises(Oops):
        end.receive(HELLO[:3])
    assert end.asked == []


@pytest.mark.parametrize("phase", [None, "open", 1, object()])
def test_an_odd_phase_is_not_open(twin: ModuleType, phase: object) -> None:
    end = End(twin, Recorder(twin, phase=phase))
    end.receive(HELLO)
    assert end.asked[0] == ("slowly", HELLO)


@pytest.mark.parametrize("parser", [None, 5, "parser"])
def test_an_odd_parser_is_an_error(twin: ModuleType, parser: object) -> None:
    end = End(twin, Recorder(twin, _parser=parser))
    with pytest.raises((TypeError, AttributeError)):
        end.receive(HELLO)
    assert (len(end.inbox), end.asked) == (0, [])


@pytest.mark.parametrize(
    "parsed", [None, 5, (), ("a",), [], [5], [None, "a"], [Bytes(b"a")], {"a": 1}, "a"], ids=repr
)
def test_odd_things_that_were_parsed_are_left_to_the_source(twin: ModuleType, parsed: Any) -> None:
    end = End(twin, Recorder(twin, pending=True, _parsed=parsed), max_queue=1)
    # So that something of what is there would be taken over.
    end.inbox.open(end, Recorder(twin), end.waiter, end.outbox)
    end.inbox.receive(texts("1", "2", "3", "4"))
    assert end.inbox.pop() == "1"
    end.inbox.open(end, end.connection, end.waiter, end.outbox)
    end.hooks["wait"] = fail
    with pytest.raises(Oops):
        end.inbox.recv(end).send(None)
    assert len(end.inbox) == 0


def overfull(twin: ModuleType, connection: Any) -> End:
    """One that has two messages more than it can take, and took those it could."""
    end = End(twin, connection, max_queue=1)
    end.receive(texts("1", "2", "3"))
    assert end.inbox.pop() == "1"
    return end


@pytest.mark.parametrize("name", ["phase", "pending", "_parsed"])
def test_who_takes_what_had_no_room_sees_what_fails(twin: ModuleType, name: str) -> None:
    only_c(twin)
    connection: Any = Recorder(twin)
    end = overfull(twin, connection)
    connection.__class__ = type("Failing", (Recorder,), {name: property(fail)})
    with pytest.raises(Oops):
        end.inbox.recv(end).send(None)
    assert not end.inbox.taken
    assert len(end.inbox) == 0


@pytest.mark.parametrize("name", ["_parser", "pending"])
def test_who_takes_the_last_of_what_had_no_room_sees_what_fails(
    twin: ModuleType, name: str
) -> None:
    only_c(twin)
    connection: Any = Recorder(twin)
    end = overfull(twin, connection)
    with pytest.raises(StopIteration):
        end.inbox.recv(end).send(None)
    get = fail if name == "_parser" else lambda _: True
    connection.__class__ = type("Failing", (Recorder,), {name: property(get)})
    with pytest.raises((Oops, AttributeError)):
        end.inbox.recv(end).send(None)
    assert end.inbox.pop() == "3"  # it was taken over, and isn't lost


def test_a_connection_with_an_odd_parser_stays_as_it_is(twin: ModuleType) -> None:
    only_c(twin)
    connection: Any = Recorder(twin)
    end = overfull(twin, connection)
    connection._parser = pure.Parser(masked=False)
    for text in ("2", "3"):
        with pytest.raises(StopIteration, match=text):
            end.inbox.recv(end).send(None)
    assert (connection.pending, connection._parsed) == (True, [])


@pytest.mark.parametrize("hook", ["slowly", "pump", "wait"])
@pytest.mark.parametrize("anew", [False, True], ids=["closes", "opens anew"])
def test_a_source_may_close_the_inbox_or_open_it_anew(
    twin: ModuleType, hook: str, anew: bool
) -> None:
    end, other = End(twin), End(twin)

    def change() -> None:
        end.inbox.close()
        if anew:
            end.inbox.open(other, other.connection, other.waiter, other.outbox)

    end.hooks[hook] = change
    end.inbox.traced = hook == "slowly"
    end.inbox.stopped = hook == "wait"
    end.receive(HELLO)
    end.task()
    assert end.events == ["Hello"]
    end.receive(PING)
    assert other.events + [what for what in other.asked if what != "wait"] == (
        [Ping(b""), "pump" if hook != "slowly" else ("slowly", PING)] if anew else []
    )


@pytest.mark.parametrize("name", ["phase", "pending", "_parser"])
@pytest.mark.parametrize("anew", [False, True], ids=["closes", "opens anew"])
def test_an_attribute_may_close_the_inbox_or_open_it_anew(
    twin: ModuleType, name: str, anew: bool
) -> None:
    other = End(twin)

    def look(connection: Any) -> Any:
        inbox.close()
        if anew:
            inbox.open(other, other.connection, other.waiter, other.outbox)
        gc.collect()
        return getattr(connection._real, name)

    end = End(twin, recorder(twin, **{name: look}))
    inbox = end.inbox
    end.receive(HELLO)
    assert len(end.inbox) == 1
    end.receive(PING)
    assert other.events == ([Ping(b"")] if anew else [])


def test_the_task_may_close_the_inbox_as_it_goes_on(end: End) -> None:
    class Results(list[Any]):
        def append(self, result: Any) -> None:
            super().append(result)
            end.inbox.close()

    results = Results()
    Task(lambda: end.inbox.recv(end), results)
    end.receive(HELLO + PING)
    assert (results, end.events) == (["Hello"], [Ping(b"")])
    end.receive(HELLO)
    assert results == ["Hello"]


@pytest.mark.parametrize("name", ["phase", "pending", "_parser", "pump", "task"])
def test_the_last_references_may_be_dropped_in_between(twin: ModuleType, name: str) -> None:
    ends: list[End] = []

    def drop(*_: object) -> None:
        for end in ends:
            end.inbox.close()
            vars(end).update(connection=None, waiter=None, outbox=None, inbox=None, sink=None)
        ends.clear()
        gc.collect()

    def look(connection: Any) -> Any:
        drop()
        return getattr(connection._real, name)

    special = name not in ("pump", "task")
    connection = recorder(twin, **{name: look}) if special else Recorder(twin)
    ends.append(End(twin, connection))
    del connection
    if name == "pump":
        ends[0]._pump = drop  # type: ignore[method-assign]
    elif name == "task":
        waiter = ends[0].waiter
        waiter.start()
        waiter.add_done_callback(drop, context=contextvars.Context())
        ends[0]._pump = lambda: None  # type: ignore[method-assign]
        del waiter
    else:
        ends[0]._pump = lambda: None  # type: ignore[method-assign]
    reference = weakref.ref(ends[0])
    receive = ends[0].inbox.receive
    receive(HELLO)
    del receive
    assert ends == []
    gc.collect()
    assert reference() is None


def test_an_inbox_that_is_opened_anew_lets_go_of_what_it_had(twin: ModuleType) -> None:
    first, second = End(twin), End(twin)
    inbox = twin.Inbox()
    inbox.open(first, first.connection, first.waiter, first.outbox)
    references = [weakref.ref(first)]
    inbox.open(second, second.connection, second.waiter, second.outbox)
    references.append(weakref.ref(second))
    del first
    gc.collect()
    assert references[0]() is None
    inbox.close()
    del second
    gc.collect()
    assert references[1]() is None


def test_a_source_may_close_the_inbox_when_it_goes(twin: ModuleType) -> None:
    class Going:
        def __init__(self, inbox: Any) -> None:
            self.inbox = inbox

        def __del__(self) -> None:
            self.inbox.close()
            self.inbox.receive(HELLO)

    end = End(twin)
    end.inbox.open(Going(end.inbox), end.connection, end.waiter, end.outbox)
    end.inbox.open(end, end.connection, end.waiter, end.outbox)
    end.receive(HELLO)
    end.inbox.open(Going(end.inbox), end.connection, end.waiter, end.outbox)
    end.inbox.close()
    end.receive(HELLO)
    assert len(end.inbox) in (0, 1)


def test_cycles_through_what_an_inbox_was_opened_with_are_collected(twin: ModuleType) -> None:
    def use() -> weakref.ref[End]:
        end = End(twin)
        end.task()
        end.receive(HELLO + PING)
        return weakref.ref(end)

    reference = use()
    gc.collect()
    assert reference() is None


# ---------------------------------------------------------------------------
# One against the other

frames = st.sampled_from(
    [
        HELLO,
        texts("a"),
        texts(*"bcdef"),
        PING,
        b"\x82\x01x",
        b"\x01\x01f",
        b"\x80\x01g",
        CLOSE,
        WRONG,
    ]
)
operations = st.one_of(
    st.tuples(st.just("receive"), st.lists(frames, max_size=6).map(b"".join)),
    st.tuples(st.just("cut"), st.integers(1, 9)),
    st.tuples(st.sampled_from(["take", "busy", "turn", "close", "traced", "stopped"]), st.none()),
)


class Player(End):
    """Does one operation after the other, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, max_queue: int) -> None:
        super().__init__(twin, max_queue=max_queue)
        self.rest = b""
        self.tasks: list[Task] = []

    def play(self, name: str, argument: Any) -> object:
        if name == "receive":
            self.rest += argument
            self.flush(len(self.rest))
        elif name == "cut":
            self.rest += HELLO * 2
            self.flush(argument)
        elif name == "take" and not self.inbox.taken:
            self.tasks.append(self.task())
        elif name == "busy":
            self.loop.current = None if self.loop.current else self
        elif name == "turn":
            self.loop.turn()
        elif name in ("traced", "stopped"):
            setattr(self.inbox, name, not getattr(self.inbox, name))
        return alike(self.events), len(self.inbox), self.inbox.taken, self.connection.phase

    def flush(self, size: int) -> None:
        data, self.rest = self.rest[:size], self.rest[size:]
        self.receive(data)


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(st.integers(1, 5), st.lists(operations, max_size=30))
def test_the_twins_do_alike(max_queue: int, played: Sequence[tuple[str, Any]]) -> None:
    from ws_frames import _speedups

    players = [Player(each, max_queue) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two inboxes with other limits are not alike."""
    seen = [Player(pure, limit).play("receive", HELLO * 3) for limit in (1, 2)]
    assert seen[0] != seen[1]
