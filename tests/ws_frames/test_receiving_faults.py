"""What goes wrong while an inbox takes bytes, and what happens in between, by both twins."""

from __future__ import annotations

import contextvars
import gc
import weakref
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.receivers import (
    HELLO,
    LARGE_READ,
    PING,
    Bytes,
    End,
    Oops,
    Recorder,
    Task,
    fail,
    only_c,
    recorder,
    texts,
)
from ws_frames import Ping, pure


def test_what_a_source_raises_of_a_large_read_is_raised(end: End) -> None:
    task = end.task()
    end.hooks["large"] = fail
    with pytest.raises(Oops):
        end.receive(texts("a") * (LARGE_READ // 3 + 1))
    assert (end.events, task.blocked_by) == ([], end.waiter)
    assert len(end.inbox) > 0


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


def test_no_message_comes_twice_where_memory_is_short(twin: ModuleType) -> None:
    only_c(twin)
    memory = pytest.importorskip("_testcapi", reason="this Python has no way to be short of memory")
    payloads = [chr(number) for number in range(ord("0"), ord("0") + 60)]
    failed = 0
    for number in range(12):
        end = End(twin, max_queue=20)
        end.receive(texts(*payloads))
        taken = [end.inbox.pop() for _ in range(20)]
        coroutine = end.inbox.recv(end)
        memory.set_nomemory(number, number + 1)
        try:
            coroutine.send(None)
        except StopIteration as exc:
            taken.append(exc.value)
        except MemoryError:
            failed += 1
        finally:
            memory.remove_mem_hooks()
        coroutine.close()
        while end.inbox or end.connection.pending:
            end.pump()
            taken.append(end.inbox.pop())
        assert sorted(set(taken)) == sorted(taken)
    assert failed
