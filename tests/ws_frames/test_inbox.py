"""Messages that wait to be taken, and who waits for them, by both twins."""

from __future__ import annotations

import asyncio
import builtins
import collections.abc
import gc
import inspect
import sys
import warnings
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import (
    ConnectionClosedError,
    ConnectionClosedOK,
    Data,
    Frame,
    Opcode,
    ProtocolError,
    pure,
    speedups,
)

HELLO = b"\x81\x05Hello"
PING = b"\x89\x00"
ALONE = "only one coroutine can receive at a time"
UNTIL_312 = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="Python warns of this form since 3.12"
)


class Source:
    """Does as it is told, in turn, whenever it is asked how to wait."""

    def __init__(self, *answers: object) -> None:
        self.answers = list(answers)

    def _wait_for_message(self) -> object | None:
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer() if callable(answer) else answer


class Futures:
    """Lets a coroutine wait as ws_asyncio does, with a future for each time."""

    def __init__(self) -> None:
        self.future: asyncio.Future[None] | None = None

    def _wait_for_message(self) -> object | None:
        self.future = asyncio.get_running_loop().create_future()
        self.future._asyncio_future_blocking = True
        return self.future

    def wake(self) -> None:
        assert self.future is not None
        self.future.set_result(None)


def finish(coroutine: Any) -> Any:
    """Step a coroutine that has to be done with this step; give what it returns."""
    try:
        blocker = coroutine.send(None)
    except StopIteration as exc:
        return exc.value
    return pytest.fail(f"it waits: {blocker!r}")


def filled(twin: ModuleType, *messages: Data, **limits: int | None) -> Any:
    inbox = twin.Inbox(**limits)
    inbox.put(messages)
    return inbox


def take_all(inbox: Any) -> list[Data]:
    return [inbox.pop() for _ in range(len(inbox))]


# ---------------------------------------------------------------------------
# The queue


def test_messages_are_taken_in_order(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    inbox.put(("a", b"b"))
    inbox.put(["c"])
    assert len(inbox) == 3
    assert take_all(inbox) == ["a", b"b", "c"]
    assert not inbox


def test_order_is_kept_whatever_is_taken_between(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    taken, put = [], 0
    for size in (5, 1, 9, 30, 2, 3000, 1):
        inbox.put([str(number) for number in range(put, put + size)])
        put += size
        taken += [inbox.pop() for _ in range((len(inbox) + 1) // 2)]
    taken += take_all(inbox)
    assert taken == [str(number) for number in range(put)]
    inbox.put(["again"])
    assert take_all(inbox) == ["again"]


def test_an_empty_one_has_nothing_to_take(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    inbox.pop()
    with pytest.raises(IndexError, match="no message is there"):
        inbox.pop()


def test_what_is_no_sequence_is_not_put(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    with pytest.raises(TypeError):
        inbox.put(5)
    assert len(inbox) == 0


def test_it_lets_go_of_what_nobody_takes(twin: ModuleType) -> None:
    class Text(str):
        """A message with weak references."""

    texts = [Text("a"), Text("b")]
    references = [weakref.ref(text) for text in texts]
    inbox = filled(twin, *texts)
    del texts
    assert inbox.pop() == "a"
    assert references[0]() is None
    assert references[1]() is not None
    del inbox
    assert references[1]() is None


# ---------------------------------------------------------------------------
# How full it is


def test_it_has_room_up_to_a_number_of_messages(twin: ModuleType) -> None:
    inbox = twin.Inbox(max_queue=3)
    rooms = []
    for _ in range(4):
        rooms.append(inbox.room)
        inbox.put(("a",))
    assert rooms == [3, 2, 1, 0]
    assert inbox.room == 0


def test_it_has_room_up_to_a_number_of_bytes(twin: ModuleType) -> None:
    inbox = filled(twin, "a" * 4900, max_queue=100, max_bytes=10_000)
    assert inbox.room == 99
    inbox.put((b"",))
    assert inbox.room == 98
    inbox.put((b"b" * 100,))
    assert inbox.room == 0


@pytest.mark.parametrize("message", ["a", "é", "漢", "😀", "\x00", b"a", b""])
def test_it_counts_what_a_message_takes_in_memory(twin: ModuleType, message: Data) -> None:
    message *= 2000
    size = sys.getsizeof(message)
    assert filled(twin, message, max_queue=10, max_bytes=2 * size).room == 9
    assert filled(twin, message, max_queue=10, max_bytes=2 * size - 1).room == 0


def test_it_has_room_again_once_its_bytes_were_taken(twin: ModuleType) -> None:
    inbox = filled(twin, "a" * 4900, "b" * 100, max_queue=100, max_bytes=10_000)
    inbox.pop()
    assert inbox.room == 0
    inbox.pop()
    assert inbox.room == 100
    inbox.put(("a" * 4900,))
    assert inbox.room == 99


def test_without_limits_it_has_room_for_ever(twin: ModuleType) -> None:
    assert filled(twin, *"a" * 100_000).room > 1 << 30
    assert filled(twin, "a", max_queue=2**70, max_bytes=2**70).room > 1 << 30


@pytest.mark.parametrize(
    ("max_queue", "max_bytes"), [(0, None), (-1, None), (0, 0), (5, 0), (None, 0), (None, -1)]
)
def test_an_empty_one_always_has_room(
    twin: ModuleType, max_queue: int | None, max_bytes: int | None
) -> None:
    inbox = twin.Inbox(max_queue=max_queue, max_bytes=max_bytes)
    assert inbox.room >= 1
    inbox.put(("a",))
    assert inbox.room == 0
    inbox.pop()
    assert inbox.room >= 1


def test_it_has_no_room_after_its_end(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    inbox.end()
    assert inbox.room == 0
    assert take_all(inbox) == ["a"]
    assert inbox.room == 0


def test_limits_are_numbers_given_by_name(twin: ModuleType) -> None:
    for name in ("max_queue", "max_bytes"):
        options: dict[str, Any] = {name: "5"}
        with pytest.raises(TypeError):
            assert filled(twin, "a", **options).room
    with pytest.raises(TypeError):
        twin.Inbox(5)


# ---------------------------------------------------------------------------
# Filling it with what arrives


def test_messages_go_in_and_nothing_is_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    assert inbox.fill(parser, HELLO + b"\x82\x01a" + b"\x81") is None
    assert inbox.fill(parser, b"\x01") is None
    assert inbox.fill(parser, b"b") is None
    assert take_all(inbox) == ["Hello", b"a", "b"]


def test_a_frame_and_what_follows_it_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    left = inbox.fill(parser, HELLO + PING + HELLO)
    assert left == [Frame(True, Opcode.PING, b""), "Hello"]
    assert take_all(inbox) == ["Hello"]
    assert inbox.fill(parser, PING) == [Frame(True, Opcode.PING, b"")]


def test_messages_without_room_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(max_queue=2), twin.Parser(masked=False)
    assert inbox.fill(parser, b"\x81\x01a\x81\x01b\x81\x01c") == ["c"]
    assert inbox.fill(parser, b"\x81\x01d") == ["d"]
    inbox.pop()
    assert inbox.fill(parser, b"\x81\x01e") is None
    inbox.end()
    inbox.pop()
    assert inbox.fill(parser, b"\x81\x01f") == ["f"]
    assert take_all(inbox) == ["e"]


def test_bytes_that_wait_in_the_parser_are_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    count, left = 0, inbox.fill(parser, HELLO * 3000)
    while left is not None:
        assert (left, parser.waiting) == ([], True)
        count += 1
        left = inbox.fill(parser, b"")
    assert count >= 1
    assert take_all(inbox) == ["Hello"] * 3000


def test_an_error_is_left(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    assert inbox.fill(parser, HELLO + b"\xff") == []
    assert type(parser.error) is ProtocolError
    assert take_all(inbox) == ["Hello"]
    assert inbox.fill(parser, HELLO) == []


def test_it_is_filled_by_a_parser_with_bytes(twin: ModuleType) -> None:
    inbox, parser = twin.Inbox(), twin.Parser(masked=False)
    for data in (bytearray(HELLO), memoryview(HELLO)):
        assert inbox.fill(parser, data) is None
    with pytest.raises(TypeError):
        inbox.fill(parser, "text")
    with pytest.raises((TypeError, AttributeError)):
        inbox.fill(None, HELLO)
    with pytest.raises(TypeError):
        inbox.fill(parser)
    assert take_all(inbox) == ["Hello"] * 2


# ---------------------------------------------------------------------------
# recv(), step by step


@pytest.mark.parametrize("message", ["", "text", b"", b"\x00\xff", "😀" * 1000])
def test_recv_gives_a_message_that_is_there_at_once(twin: ModuleType, message: Data) -> None:
    inbox = filled(twin, message, "next")
    received = finish(inbox.recv(Source()))
    assert received is message
    assert (len(inbox), inbox.taken) == (1, False)


def test_recv_gives_the_message_that_its_source_finds(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    assert finish(inbox.recv(Source(lambda: inbox.put(["a"])))) == "a"


def test_recv_asks_again_where_its_source_finds_none(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    source = Source(None, None, lambda: inbox.put([b"a"]))
    assert finish(inbox.recv(source)) == b"a"
    assert source.answers == []


def test_recv_yields_what_its_source_says(twin: ModuleType) -> None:
    inbox, blocker = twin.Inbox(), object()
    coroutine = inbox.recv(Source(blocker))
    assert not inbox.taken
    assert coroutine.send(None) is blocker
    assert inbox.taken
    inbox.put(["a", "b"])
    assert inbox.taken  # it can go on, and hasn't done so yet
    assert finish(coroutine) == "a"
    assert not inbox.taken


def test_recv_that_was_woken_for_nothing_waits_again(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = inbox.recv(Source(1, None, 2))
    assert [coroutine.send(None), coroutine.send(None)] == [1, 2]
    assert inbox.taken
    inbox.put(["a"])
    assert finish(coroutine) == "a"


def test_recv_takes_no_notice_of_what_it_is_sent_while_it_waits(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = inbox.recv(Source(1, 2))
    coroutine.send(None)
    assert coroutine.send("something") == 2
    coroutine.close()


@pytest.mark.parametrize("before", [(), (1,)], ids=["at first", "later"])
def test_recv_raises_what_its_source_raises(twin: ModuleType, before: tuple[object, ...]) -> None:
    inbox, error = twin.Inbox(), ConnectionClosedOK(1000, "")
    coroutine = inbox.recv(Source(*before, error))
    for blocker in before:
        assert coroutine.send(None) is blocker
    with pytest.raises(ConnectionClosedOK) as raised:
        coroutine.send(None)
    assert raised.value is error
    assert not inbox.taken


def test_a_source_may_raise_what_ends_the_program(twin: ModuleType) -> None:
    with pytest.raises(KeyboardInterrupt):
        twin.Inbox().recv(Source(KeyboardInterrupt())).send(None)


def test_a_source_without_the_method_is_an_error(twin: ModuleType) -> None:
    with pytest.raises(AttributeError, match="_wait_for_message"):
        twin.Inbox().recv(None).send(None)


def test_a_stop_iteration_of_a_source_is_no_message(twin: ModuleType) -> None:
    error = StopIteration("not a message")
    for coroutine in (
        twin.Inbox().recv(Source(error)),
        anext_of(twin.Inbox().messages(Source(error))),
    ):
        with pytest.raises(RuntimeError, match="coroutine raised StopIteration") as raised:
            coroutine.send(None)
        assert raised.value.__cause__ is error


def test_a_second_recv_is_refused_until_the_first_went_on(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    first, second, third, fourth = (inbox.recv(Source("wait")) for _ in range(4))
    first.send(None)
    with pytest.raises(RuntimeError, match=ALONE):
        second.send(None)
    inbox.put(["a", "b"])
    with pytest.raises(RuntimeError, match=ALONE):
        third.send(None)
    with pytest.raises(RuntimeError, match=ALONE):
        anext_of(inbox.messages(Source())).send(None)
    assert inbox.taken
    assert [finish(first), finish(fourth)] == ["a", "b"]


def test_recv_can_wait_in_the_call_of_another_source(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    inner = inbox.recv(Source("inner"))

    def ask() -> object:
        assert inner.send(None) == "inner"
        assert inbox.taken
        inbox.put(["a", "b"])
        return None

    assert finish(inbox.recv(Source(ask))) == "a"
    assert inbox.taken
    assert finish(inner) == "b"


def test_a_source_can_not_step_the_coroutine_that_asks_it(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    refused: list[str] = []

    def ask() -> object:
        for method, *arguments in (("send", None), ("throw", KeyError), ("close",)):
            try:
                getattr(coroutine, method)(*arguments)
            except ValueError as exc:
                refused.append(str(exc))
        return "wait"

    coroutine = inbox.recv(Source(ask))
    assert coroutine.send(None) == "wait"
    assert refused == ["coroutine already executing"] * 3
    inbox.put(["a"])
    assert finish(coroutine) == "a"


def test_a_source_may_drop_the_last_reference_to_all(twin: ModuleType) -> None:
    class Dropping:
        def __init__(self) -> None:
            inbox = twin.Inbox()
            self.coroutine = inbox.recv(self)
            self.messages = inbox.messages(self)

        def _wait_for_message(self) -> object:
            vars(self).clear()
            gc.collect()
            return "wait"

    source = Dropping()
    send, reference = source.coroutine.send, weakref.ref(source)
    del source
    assert send(None) == "wait"
    assert reference() is not None
    del send
    assert reference() is None


# ---------------------------------------------------------------------------
# A coroutine in the eyes of Python


def waiting(inbox: Any) -> Any:
    coroutine = inbox.recv(Source("wait", "wait again"))
    assert coroutine.send(None) == "wait"
    return coroutine


class Cancelled(BaseException):
    pass


def test_recv_gives_a_coroutine(twin: ModuleType) -> None:
    coroutine = twin.Inbox().recv(Source())
    assert coroutine.__qualname__ == "Inbox.recv"
    assert coroutine.__name__ in ("recv", "Inbox.recv")
    assert inspect.isawaitable(coroutine)
    assert asyncio.iscoroutine(coroutine)
    assert isinstance(coroutine, collections.abc.Coroutine)
    coroutine.close()


@pytest.mark.parametrize(
    "arguments", [(Cancelled,), (Cancelled("why"),)], ids=["class", "instance"]
)
def test_what_is_thrown_is_raised_and_loses_no_message(
    twin: ModuleType, arguments: tuple[Any, ...]
) -> None:
    inbox = twin.Inbox()
    coroutine = waiting(inbox)
    inbox.put(["a"])
    with pytest.raises(Cancelled) as raised:
        coroutine.throw(*arguments)
    assert raised.value is arguments[0] or arguments == (Cancelled,)
    assert not inbox.taken
    assert finish(inbox.recv(Source())) == "a"


def some_traceback() -> Any:
    try:
        raise Cancelled
    except Cancelled as exc:
        return exc.__traceback__


@UNTIL_312
@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((Cancelled, None), ""),
        ((Cancelled, "why"), "why"),
        ((Cancelled, ("why",)), "why"),
        ((Cancelled, Cancelled("why")), "why"),
        ((Cancelled, None, None), ""),
        ((Cancelled("why"), None, None), "why"),
    ],
)
def test_what_is_thrown_may_be_in_three_parts(
    twin: ModuleType, arguments: tuple[Any, ...], text: str
) -> None:
    inbox = twin.Inbox()
    with pytest.raises(Cancelled) as raised:
        waiting(inbox).throw(*arguments)
    assert str(raised.value) == text


@UNTIL_312
@pytest.mark.parametrize("arguments", [(Cancelled, None), (Cancelled("why"), None)])
def test_what_is_thrown_keeps_its_traceback(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    traceback = some_traceback()
    with pytest.raises(Cancelled) as raised:
        waiting(twin.Inbox()).throw(*arguments, traceback)
    found = raised.value.__traceback__
    while found is not None and found is not traceback:
        found = found.tb_next
    assert found is traceback


@UNTIL_312
@pytest.mark.parametrize("arguments", [(Cancelled, None, 5), (Cancelled("a"), Cancelled("b"))])
def test_parts_that_do_not_fit_are_not_thrown(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    inbox = twin.Inbox()
    coroutine = waiting(inbox)
    with pytest.raises(TypeError):
        coroutine.throw(*arguments)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(5,), (object,), ("Cancelled",)])
def test_what_is_no_exception_is_not_thrown(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting(twin.Inbox())
    with pytest.raises(TypeError, match="exceptions must be classes or instances deriving from"):
        coroutine.throw(*arguments)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(), (Cancelled, None, None, None)])
def test_throw_takes_one_to_three_arguments(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting(twin.Inbox())
    with pytest.raises(TypeError):
        coroutine.throw(*arguments)
    coroutine.close()


def test_a_stop_iteration_that_is_thrown_is_no_message(twin: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        waiting(twin.Inbox()).throw(StopIteration("not a message"))


def test_close_ends_the_waiting(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = waiting(inbox)
    assert coroutine.close() is None
    assert not inbox.taken
    assert coroutine.close() is None
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)


def test_who_is_dropped_waits_no_longer(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = waiting(inbox)
    assert inbox.taken
    del coroutine
    assert not inbox.taken


def test_a_coroutine_is_used_once(twin: ModuleType) -> None:
    coroutine = filled(twin, "a", "b").recv(Source())
    assert finish(coroutine) == "a"
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.throw(Cancelled)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.__await__().__next__()


def test_what_is_thrown_before_it_starts_ends_it(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    coroutine = inbox.recv(Source())
    with pytest.raises(Cancelled):
        coroutine.throw(Cancelled)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)
    assert len(inbox) == 1


def test_a_coroutine_that_did_not_start_takes_no_value(twin: ModuleType) -> None:
    coroutine = filled(twin, "a").recv(Source())
    with pytest.raises(TypeError, match="can't send non-None value to a just-started coroutine"):
        coroutine.send("value")
    assert finish(coroutine) == "a"


def test_a_coroutine_that_is_never_awaited_is_warned_of(twin: ModuleType) -> None:
    inbox = filled(twin, "a")
    with pytest.warns(RuntimeWarning, match=r"coroutine 'Inbox.recv' was never awaited"):
        inbox.recv(Source())
    assert len(inbox) == 1


def test_a_step_of_an_iteration_that_is_never_awaited_is_warned_of(twin: ModuleType) -> None:
    inbox = filled(twin, "a", "b")
    messages = inbox.messages(Source())
    for _ in range(2):  # the second is, for the C, the first one again
        with pytest.warns(RuntimeWarning, match=r"'Messages.__anext__' was never awaited"):
            anext_of(messages)
        assert finish(anext_of(messages)) in ("a", "b")


def test_a_coroutine_in_a_cycle_is_warned_of(twin: ModuleType) -> None:
    def make_cycle() -> None:
        source = Source()
        source.answers.append(twin.Inbox().recv(source))

    make_cycle()
    with pytest.warns(RuntimeWarning, match=r"coroutine 'Inbox.recv' was never awaited"):
        gc.collect()


def test_a_warning_that_is_an_error_is_told_and_goes_no_further(
    twin: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: told.append(args.exc_type))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        coroutine = twin.Inbox().recv(Source())
        del coroutine
    assert told == [RuntimeWarning]


def test_nothing_is_warned_of_where_it_was_closed(
    twin: ModuleType, recwarn: pytest.WarningsRecorder
) -> None:
    coroutine = twin.Inbox().recv(Source())
    coroutine.close()
    del coroutine
    assert not recwarn.list


def test_coroutines_and_iterators_are_made_by_an_inbox_only(twin: ModuleType) -> None:
    coroutine = twin.Inbox().recv(Source())
    coroutine.close()
    for made in (coroutine, twin.Inbox().messages(Source())):
        with pytest.raises(TypeError):
            type(made)()


# ---------------------------------------------------------------------------
# Iteration, step by step


def anext_of(iterator: Any) -> Any:
    return iterator.__anext__()


def test_messages_come_one_after_the_other(twin: ModuleType) -> None:
    inbox = filled(twin, "a", b"b")
    messages = inbox.messages(Source("wait", ConnectionClosedOK(1000, "")))
    assert isinstance(messages, collections.abc.AsyncIterator)
    assert messages.__aiter__() is messages
    assert [finish(anext_of(messages)), finish(anext_of(messages))] == ["a", b"b"]
    third = anext_of(messages)
    assert third.send(None) == "wait"
    assert inbox.taken
    inbox.put(["c"])
    assert finish(third) == "c"
    with pytest.raises(StopAsyncIteration):
        anext_of(messages).send(None)


def test_iteration_raises_other_ends(twin: ModuleType) -> None:
    error = ConnectionClosedError(1002, "")
    messages = twin.Inbox().messages(Source("wait", error))
    coroutine = anext_of(messages)
    coroutine.send(None)
    with pytest.raises(ConnectionClosedError) as raised:
        coroutine.send(None)
    assert raised.value is error


def test_iteration_ends_where_that_is_how_the_waiting_ended(twin: ModuleType) -> None:
    coroutine = anext_of(twin.Inbox().messages(Source("wait")))
    coroutine.send(None)
    with pytest.raises(StopAsyncIteration):
        coroutine.throw(ConnectionClosedOK(1000, ""))
    coroutine = anext_of(twin.Inbox().messages(Source("wait")))
    coroutine.send(None)
    with pytest.raises(Cancelled):
        coroutine.throw(Cancelled())


def test_each_step_of_an_iteration_is_a_coroutine_of_its_own(twin: ModuleType) -> None:
    messages = filled(twin, "a", "b", "c").messages(Source())
    first, second = anext_of(messages), anext_of(messages)
    assert first is not second
    assert [finish(second), finish(first)] == ["a", "b"]
    for done in (first, second):
        with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
            done.send(None)
    del done, first, second
    assert finish(anext_of(messages)) == "c"


def test_a_step_that_was_given_up_lets_the_next_wait(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    messages = inbox.messages(Source("first", "second"))
    coroutine = anext_of(messages)
    assert coroutine.send(None) == "first"
    coroutine.close()
    assert not inbox.taken
    del coroutine
    coroutine = anext_of(messages)
    assert coroutine.send(None) == "second"
    inbox.put(["a"])
    assert finish(coroutine) == "a"


def test_a_step_that_was_dropped_lets_others_wait(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    messages = inbox.messages(Source("first", "second"))
    coroutine = anext_of(messages)
    assert coroutine.send(None) == "first"
    del coroutine
    assert not inbox.taken
    assert waiting(inbox) is not None
    coroutine = anext_of(messages)
    assert coroutine.send(None) == "second"


# ---------------------------------------------------------------------------
# In asyncio


async def turn() -> None:
    """Let the event loop turn once."""
    await asyncio.sleep(0)


@pytest.fixture(params=[False, True], ids=["", "debug"])
async def debug(request: pytest.FixtureRequest) -> bool:
    asyncio.get_running_loop().set_debug(request.param)
    return bool(request.param)


WAYS: dict[str, Callable[[Any], Any]] = {
    "create_task": asyncio.create_task,
    "ensure_future": asyncio.ensure_future,
    "gather": asyncio.gather,
    "wait_for": lambda coroutine: asyncio.create_task(asyncio.wait_for(coroutine, 60)),
    "shield": lambda coroutine: asyncio.ensure_future(asyncio.shield(coroutine)),
}


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_recv_in_a_task(twin: ModuleType, way: Callable[[Any], Any]) -> None:
    inbox, source = filled(twin, "a"), Futures()
    assert await way(inbox.recv(source)) in ("a", ["a"])
    task = way(inbox.recv(source))
    await turn()
    await turn()
    assert inbox.taken
    source.wake()  # for nothing
    await turn()
    inbox.put([b"b"])
    source.wake()
    assert await task in (b"b", [b"b"])


async def test_a_task_says_what_it_runs(twin: ModuleType) -> None:
    task = asyncio.ensure_future(twin.Inbox().recv(Futures()))
    assert "Inbox.recv" in repr(task)
    await turn()
    assert "Inbox.recv" in repr(task)
    assert task.get_stack() is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("debug")
async def test_recv_that_is_awaited(twin: ModuleType) -> None:
    inbox, source = filled(twin, "a"), Futures()

    async def receive() -> list[Data]:
        return [await inbox.recv(source), await inbox.recv(source)]

    task = asyncio.ensure_future(receive())
    await turn()
    inbox.put(["b"])
    source.wake()
    assert await task == ["a", "b"]


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("inside", [False, True], ids=["as a task", "inside of one"])
async def test_a_cancelled_recv_loses_no_message(twin: ModuleType, inside: bool) -> None:
    inbox, source = twin.Inbox(), Futures()

    async def receive() -> Data:
        message: Data = await inbox.recv(source)
        return message

    for late in (False, True):
        task = asyncio.ensure_future(receive() if inside else inbox.recv(source))
        await turn()
        if late:
            inbox.put(["a"])
            source.wake()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not inbox.taken
    assert await inbox.recv(source) == "a"


@pytest.mark.usefixtures("debug")
async def test_recv_that_takes_too_long(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(inbox.recv(Futures()), 0.001)
    assert not inbox.taken


@pytest.mark.usefixtures("debug")
async def test_a_second_task_is_refused(twin: ModuleType) -> None:
    inbox, source = twin.Inbox(), Futures()
    task = asyncio.ensure_future(inbox.recv(source))
    await turn()
    with pytest.raises(RuntimeError, match=ALONE):
        await inbox.recv(source)
    inbox.put(["a"])
    source.wake()
    assert await task == "a"


@pytest.mark.usefixtures("debug")
async def test_async_for_takes_all_messages(twin: ModuleType) -> None:
    inbox = filled(twin, "a", b"b")
    found = []
    source = Source(lambda: inbox.put(["c"]), ConnectionClosedOK(1001, ""))
    async for message in inbox.messages(source):
        found.append(message)
    assert found == ["a", b"b", "c"]
    with pytest.raises(ConnectionClosedError):
        _ = [_ async for _ in inbox.messages(Source(ConnectionClosedError(1006, "")))]


@pytest.mark.usefixtures("debug")
async def test_async_for_waits_and_can_be_cancelled(twin: ModuleType) -> None:
    inbox, source, found = filled(twin, "a"), Futures(), []

    async def iterate() -> None:
        async for message in inbox.messages(source):
            found.append(message)

    task = asyncio.ensure_future(iterate())
    await turn()
    inbox.put(["b"])
    source.wake()
    await turn()
    assert (found, inbox.taken) == (["a", "b"], True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not inbox.taken


@pytest.mark.skipif(sys.version_info < (3, 10), reason="anext() came with 3.10")
async def test_anext_gives_the_next_message(twin: ModuleType) -> None:
    take = builtins.anext  # type: ignore[attr-defined, unused-ignore]
    end = ConnectionClosedOK(1000, "")
    messages = filled(twin, "a", "b").messages(Source(end, end))
    assert await take(messages) == "a"
    assert await take(messages, "default") == "b"
    assert await take(messages, "default") == "default"
    with pytest.raises(StopAsyncIteration):
        await take(messages)


# ---------------------------------------------------------------------------
# What is left behind


@pytest.mark.parametrize("error", [None, ConnectionClosedOK, ConnectionClosedError, Cancelled])
def test_receiving_leaves_no_cyclic_garbage(
    twin: ModuleType, error: type[BaseException] | None
) -> None:
    gc.collect()
    gc.disable()
    try:
        receive_and_end(twin, error)
        assert gc.collect() == 0
    finally:
        gc.enable()


def receive_and_end(twin: ModuleType, error: type[BaseException] | None) -> None:
    inbox = filled(twin, "a", "b", "c")
    messages = inbox.messages(Source("wait"))
    assert [finish(anext_of(messages)), finish(inbox.recv(Source()))] == ["a", "b"]
    inbox.pop()
    coroutine = anext_of(messages)
    coroutine.send(None)
    if error is None:
        coroutine.close()
        return
    with suppress(StopAsyncIteration, ConnectionClosedError, Cancelled):
        coroutine.throw(error(1000, "") if error is not Cancelled else error())
    inbox.put(["left"])


def test_cycles_through_a_source_are_collected(twin: ModuleType) -> None:
    class Owner:
        def __init__(self) -> None:
            self.inbox = twin.Inbox()
            self.messages = self.inbox.messages(self)
            self.steps = [anext_of(self.messages), anext_of(self.messages)]
            self.coroutine = self.inbox.recv(self)
            self.inbox.put([Text("a")])

        def _wait_for_message(self) -> object:
            return self

    class Text(str):
        """A message that can refer to something."""

        owner: Owner

    owner = Owner()
    owner.steps.pop(0).close()
    text = owner.inbox.pop()
    assert owner.coroutine.send(None) is owner
    text.owner = owner
    owner.inbox.put([text])
    owner.steps.pop().close()
    reference = weakref.ref(owner)
    del owner, text
    gc.collect()
    assert reference() is None


# ---------------------------------------------------------------------------
# One against the other

messages = st.sampled_from(["", "a", "é" * 50, "漢" * 200, "😀" * 999, b"", b"b" * 3000])
wires = st.sampled_from([HELLO, HELLO * 7, PING, HELLO + PING + HELLO, b"\x82\x01", b"b", b"\xff"])
operations = st.one_of(
    st.tuples(st.just("put"), st.lists(messages, max_size=12)),
    st.tuples(st.just("fill"), wires),
    st.tuples(st.sampled_from(["pop", "pop", "recv", "anext", "step", "wake"]), st.none()),
    st.tuples(st.sampled_from(["throw", "close", "drop", "refuse", "end"]), st.none()),
    st.tuples(st.just("answer"), st.sampled_from(["wait", "find", "none", "ok", "error", "stop"])),
)
limits = st.none() | st.integers(-1, 9) | st.integers(0, 20_000)


class Player:
    """Does one operation after the other with an inbox, and tells what is seen of it."""

    def __init__(self, twin: ModuleType, max_queue: int | None, max_bytes: int | None) -> None:
        self.inbox = twin.Inbox(max_queue=max_queue, max_bytes=max_bytes)
        self.parser = twin.Parser(masked=False)
        self.messages = self.inbox.messages(self)
        self.coroutines: list[Any] = []
        self.answer = "wait"

    def _wait_for_message(self) -> object | None:
        answer, self.answer = self.answer, "wait"
        if answer == "find":
            self.inbox.put(["found"])
        elif answer == "ok":
            raise ConnectionClosedOK(1000, "")
        elif answer == "error":
            raise ConnectionClosedError(1006, "")
        elif answer == "stop":
            raise StopIteration("stop")
        return "wait" if answer == "wait" else None

    def play(self, name: str, argument: Any) -> object:
        try:
            result = self.do(name, argument)
        except BaseException as exc:  # noqa: BLE001 - what happens is compared, whatever it is
            result = type(exc), str(exc), getattr(exc, "value", None)
        seen = self.inbox
        return result, len(seen), min(seen.room, 1 << 30), seen.taken, str(self.parser.error)

    def do(self, name: str, argument: Any) -> object:
        if name == "put" or name == "fill":
            return self.inbox.put(argument) if name == "put" else self.fill(argument)
        if name == "pop" or name == "end":
            return getattr(self.inbox, name)()
        if name == "recv":
            self.coroutines.append(self.inbox.recv(self))
        elif name == "anext":
            self.coroutines.append(anext_of(self.messages))
        elif name == "answer":
            self.answer = argument
        elif name == "refuse":
            return self.coroutines and self.coroutines[-1].send("value")
        return self.use(name) if self.coroutines else None

    def fill(self, data: bytes) -> object:
        return self.inbox.fill(self.parser, data)

    def use(self, name: str) -> object:
        if name in ("recv", "anext", "step"):
            return self.coroutines[-1].send(None)
        if name == "wake":
            return self.coroutines[0].send(None)
        if name == "throw":
            return self.coroutines.pop(0).throw(Cancelled)
        if name == "close":
            return self.coroutines.pop().close()
        if name == "drop":
            self.coroutines.pop(0).close()
        return None


@pytest.mark.skipif(bool(speedups.REASON), reason=f"C speedups {speedups.REASON}")
@given(limits, limits, st.lists(operations, max_size=40))
def test_the_twins_do_alike(
    max_queue: int | None, max_bytes: int | None, played: Sequence[tuple[str, Any]]
) -> None:
    from ws_frames import _speedups

    players = [Player(each, max_queue, max_bytes) for each in (_speedups, pure)]
    for operation in played:
        in_c, in_python = (player.play(*operation) for player in players)
        assert in_c == in_python, operation


def test_the_twins_are_compared_by_what_they_do() -> None:
    """The player sees more than nothing: two inboxes with other limits are not alike."""
    seen = [Player(pure, limit, None).play("put", ["a"]) for limit in (1, 2)]
    assert seen[0] != seen[1]
