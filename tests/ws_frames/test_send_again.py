"""A coroutine of send() that finished, which the C uses again."""

from __future__ import annotations

import gc
import weakref
from types import ModuleType
from typing import Any, Callable

import pytest

from tests.ws_frames.boxes import Cancelled, Outgoing, Sender, finish, waiting_send
from ws_frames import pure


class Text(str):
    """A subclass, to which there can be weak references."""


def ended(coroutine: Any) -> bool:
    """Whether a coroutine has nothing more to do, and says so."""
    for method, *arguments in (("send", None), ("throw", Cancelled)):
        with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
            getattr(coroutine, method)(*arguments)
    return coroutine.close() is None


def test_a_coroutine_that_finished_and_is_dropped_is_used_again(
    twin: ModuleType, outgoing: Outgoing
) -> None:
    if twin is pure:
        pytest.skip("Python makes new ones")
    outgoing.open(masked=False)
    coroutine = outgoing.send("a")
    finish(coroutine)
    kind = type(coroutine)
    del coroutine
    for text in "bcd":
        (spare,) = (id(each) for each in gc.get_referents(outgoing.outbox) if type(each) is kind)
        coroutine = outgoing.send(text)
        assert id(coroutine) == spare
        finish(coroutine)
        del coroutine
    assert len(outgoing.writes) == 4


def test_a_coroutine_that_somebody_holds_stays_finished(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    held = []
    for text in "abc":
        held.append(outgoing.send(text))
        finish(held[-1])
        other = outgoing.send(text.upper())
        assert all(other is not coroutine for coroutine in held)
        assert all(map(ended, held))
        finish(other)
    assert b"".join(outgoing.writes) == b"".join(b"\x81\x01%c" % byte for byte in b"aAbBcC")


def test_coroutines_may_be_begun_and_finished_in_any_order(outgoing: Outgoing) -> None:
    outgoing.open(masked=False)
    first, second, third = (outgoing.send(text) for text in "123")
    finish(third)
    finish(first)
    del first
    fourth = outgoing.send("4")
    finish(second)
    finish(fourth)
    assert ended(third)
    assert ended(fourth)
    assert [data[2:] for data in outgoing.writes] == [b"3", b"1", b"2", b"4"]


def use_slowly(outgoing: Outgoing) -> None:
    outgoing.sender.blockers = ["wait"]
    coroutine = outgoing.send(["slowly"])
    coroutine.send(None)
    finish(coroutine)


def use_and_fail(outgoing: Outgoing) -> None:
    with pytest.raises(UnicodeEncodeError):
        outgoing.send("\ud800").send(None)


def use_and_throw(outgoing: Outgoing) -> None:
    with pytest.raises(Cancelled):
        waiting_send(outgoing).throw(Cancelled)


def use_and_throw_first(outgoing: Outgoing) -> None:
    with pytest.raises(Cancelled):
        outgoing.send("a").throw(Cancelled)


def use_and_close(outgoing: Outgoing) -> None:
    waiting_send(outgoing).close()
    outgoing.send("a").close()


def use_and_drop(outgoing: Outgoing) -> None:
    waiting_send(outgoing)


def use_never(outgoing: Outgoing) -> None:
    with pytest.warns(RuntimeWarning, match=r"coroutine 'Outbox.send' was never awaited"):
        outgoing.send("a")


USES = [
    use_slowly, use_and_fail, use_and_throw, use_and_throw_first, use_and_close, use_and_drop,
    use_never,
]  # fmt: skip


@pytest.mark.parametrize("use", USES, ids=lambda use: use.__name__)
def test_what_became_of_one_coroutine_says_nothing_of_the_next(
    outgoing: Outgoing, use: Callable[[Outgoing], None]
) -> None:
    outgoing.open(masked=False)
    for _ in range(3):
        del outgoing.writes[:]
        use(outgoing)
        coroutine = outgoing.send("b")
        with pytest.raises(TypeError, match="just-started"):
            coroutine.send("value")
        coroutine.close()
        finish(outgoing.send("c"))
        assert outgoing.writes == [b"\x81\x01c"]


def test_a_coroutine_lets_go_of_what_it_had_when_it_is_done(twin: ModuleType) -> None:
    outgoing = Outgoing(twin)
    outgoing.open(masked=False)
    message, sender = Text("a"), Sender()
    references = weakref.ref(message), weakref.ref(sender)
    coroutine = outgoing.outbox.send(sender, message)
    finish(coroutine)
    del message, sender
    assert [reference() for reference in references] == [None, None]


def test_who_goes_with_a_coroutine_may_send(outgoing: Outgoing) -> None:
    class Last(str):
        def __del__(self) -> None:
            finish(outgoing.send("last"))
            held.append(outgoing.send("later"))

    held: list[Any] = []
    outgoing.open(masked=False)
    coroutine = outgoing.send(Last("first"))
    finish(coroutine)
    assert ended(coroutine)
    finish(held[0])
    assert [data[2:] for data in outgoing.writes] == [b"first", b"last", b"later"]


def test_who_is_written_to_may_send(outgoing: Outgoing) -> None:
    texts = list("bcd")
    outgoing.open(masked=False)
    outgoing.sink.on_write = lambda: texts and finish(outgoing.send(texts.pop(0)))
    finish(outgoing.send("a"))
    assert [data[2:] for data in outgoing.writes] == [b"a", b"b", b"c", b"d"]


def test_the_last_references_may_be_dropped_while_it_sends(twin: ModuleType) -> None:
    outgoings = [Outgoing(twin)]

    def drop() -> None:
        outgoings.clear()
        gc.collect()

    outgoings[0].open(masked=False)
    outgoings[0].sink.on_write = drop
    reference = weakref.ref(outgoings[0].sink)
    send = outgoings[0].send("a").send
    with pytest.raises(StopIteration):
        send(None)
    del send
    gc.collect()
    assert reference() is None
