"""Receiving from an inbox, message by message, by both twins."""

from __future__ import annotations

import collections.abc
import gc
import weakref
from contextlib import suppress
from types import ModuleType

import pytest

from tests.ws_frames.boxes import ALONE, Cancelled, Source, anext_of, filled, finish, waiting_recv
from ws_frames import ConnectionClosedError, ConnectionClosedOK, Data

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


def test_reading_goes_on_when_half_of_the_messages_are_left_and_when_none_is(
    twin: ModuleType,
) -> None:
    left = []

    class Stopped(Source):
        def _schedule_rest(self) -> None:
            left.append(len(inbox))

    inbox = filled(twin, *"abcdef", max_queue=6)
    for _ in range(2):
        finish(inbox.recv(Stopped()))
    assert left == []
    inbox.stopped = True
    for _ in range(4):
        finish(inbox.recv(Stopped()))
    assert left == [4, 1]  # of which one is being taken


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
# Iteration, step by step


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
    assert waiting_recv(inbox) is not None
    coroutine = anext_of(messages)
    assert coroutine.send(None) == "second"


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
