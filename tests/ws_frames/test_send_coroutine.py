"""What sending is in the eyes of Python: a coroutine, by both twins."""

from __future__ import annotations

import asyncio
import collections.abc
import sys
from typing import Any

import pytest

from tests.ws_frames.boxes import Cancelled, Outgoing, Sender, Yielding, finish, waiting_send
from ws_frames import (
    InvalidState,
)


def test_send_gives_a_coroutine(outgoing: Outgoing) -> None:
    coroutine = outgoing.send("a")
    assert coroutine.__qualname__ == "Outbox.send"
    assert coroutine.__name__ in ("send", "Outbox.send")
    assert asyncio.iscoroutine(coroutine)
    assert isinstance(coroutine, collections.abc.Coroutine)
    coroutine.close()


@pytest.mark.parametrize("arguments", [(Cancelled,), (Cancelled("why"),)], ids=repr)
def test_what_is_thrown_ends_the_waiting(outgoing: Outgoing, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting_send(outgoing)
    with pytest.raises(Cancelled):
        coroutine.throw(*arguments)
    with pytest.raises(RuntimeError, match="cannot reuse already awaited coroutine"):
        coroutine.send(None)


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="Python warns of this form since 3.12")
def test_what_is_thrown_may_be_in_three_parts(outgoing: Outgoing) -> None:
    with pytest.raises(Cancelled, match="why"):
        waiting_send(outgoing).throw(Cancelled, Cancelled("why"), None)


@pytest.mark.parametrize("arguments", [(), (Cancelled, None, None, None), (5,)], ids=repr)
def test_what_can_not_be_thrown_is_refused(outgoing: Outgoing, arguments: tuple[Any, ...]) -> None:
    coroutine = waiting_send(outgoing)
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
    coroutine = waiting_send(outgoing)
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
    coroutine = waiting_send(outgoing)
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
        waiting_send(outgoing).close()


def test_what_waits_is_closed_when_it_is_dropped(outgoing: Outgoing) -> None:
    ended = []

    class Ending(Sender):
        async def _wait(self) -> str:
            try:
                return await super()._wait()
            finally:
                ended.append(True)

    outgoing.sender = Ending()
    coroutine = waiting_send(outgoing)
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
