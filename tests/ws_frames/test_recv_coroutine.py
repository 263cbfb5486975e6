"""What receiving is in the eyes of Python: a coroutine, by both twins."""

from __future__ import annotations

import asyncio
import collections.abc
import gc
import inspect
import sys
import warnings
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.boxes import Cancelled, Source, anext_of, filled, finish, waiting_recv

UNTIL_312 = pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="Python warns of this form since 3.12"
)


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
    coroutine = waiting_recv(inbox)
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
        waiting_recv(inbox).throw(*arguments)
    assert str(raised.value) == text


@UNTIL_312
@pytest.mark.parametrize("arguments", [(Cancelled, None), (Cancelled("why"), None)])
def test_what_is_thrown_keeps_its_traceback(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    traceback = some_traceback()
    with pytest.raises(Cancelled) as raised:
        waiting_recv(twin.Inbox()).throw(*arguments, traceback)
    found = raised.value.__traceback__
    while found is not None and found is not traceback:
        found = found.tb_next
    assert found is traceback


@UNTIL_312
@pytest.mark.parametrize("arguments", [(Cancelled, None, 5), (Cancelled("a"), Cancelled("b"))])
def test_parts_that_do_not_fit_are_not_thrown(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    inbox = twin.Inbox()
    coroutine = waiting_recv(inbox)
    with pytest.raises(TypeError):
        coroutine.throw(*arguments)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(5,), (object,), ("Cancelled",)])
def test_what_is_no_exception_is_not_thrown(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting_recv(twin.Inbox())
    with pytest.raises(TypeError, match="exceptions must be classes or instances deriving from"):
        coroutine.throw(*arguments)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(), (Cancelled, None, None, None)])
def test_throw_takes_one_to_three_arguments(twin: ModuleType, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting_recv(twin.Inbox())
    with pytest.raises(TypeError):
        coroutine.throw(*arguments)
    coroutine.close()


def test_a_stop_iteration_that_is_thrown_is_no_message(twin: ModuleType) -> None:
    with pytest.raises(RuntimeError, match="raised StopIteration"):
        waiting_recv(twin.Inbox()).throw(StopIteration("not a message"))


def test_close_ends_the_waiting(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = waiting_recv(inbox)
    assert coroutine.close() is None
    assert not inbox.taken
    assert coroutine.close() is None
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)


def test_who_is_dropped_waits_no_longer(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    coroutine = waiting_recv(inbox)
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
