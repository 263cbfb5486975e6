"""One timer of the event loop for all that waits equally long."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import weakref
from typing import TYPE_CHECKING, Callable

import pytest

from ws_asyncio.timers import SharedTimer, timers

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock


class Calls:
    """What was called, and when, in seconds from the start."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.made: list[tuple[object, float]] = []

    def __call__(self, name: object) -> Callable[[], None]:
        return lambda: self.made.append((name, self.clock.now - 1000))


@pytest.fixture
async def calls(clock: Clock) -> Calls:
    return Calls(clock)


def timer_of(delay: float) -> SharedTimer:
    return SharedTimer.of(asyncio.get_running_loop(), delay)


def scheduled() -> int:
    return len(asyncio.get_running_loop()._scheduled)  # type: ignore[attr-defined]


async def test_what_is_added_is_called_once_after_the_delay(calls: Calls) -> None:
    timer = timer_of(20)
    timer.add(calls("a"))
    await asyncio.sleep(5)
    timer.add(calls("b"))
    await asyncio.sleep(100)
    assert calls.made == [("a", 20), ("b", 25)]


async def test_what_is_cancelled_is_not_called(calls: Calls) -> None:
    timer = timer_of(20)
    callbacks = {name: calls(name) for name in "abc"}
    for callback in callbacks.values():
        timer.add(callback)
    timer.cancel(callbacks["a"])
    await asyncio.sleep(5)
    timer.cancel(callbacks["c"])
    timer.cancel(callbacks["c"])
    await asyncio.sleep(100)
    assert calls.made == [("b", 20)]


async def test_a_callback_may_add_and_cancel_others(calls: Calls) -> None:
    timer = timer_of(20)
    other = calls("other")

    def again() -> None:
        calls("again")()
        timer.cancel(other)
        timer.add(calls("more"))

    timer.add(again)
    timer.add(other)
    await asyncio.sleep(100)
    assert calls.made == [("again", 20), ("more", 40)]


async def test_thousands_take_one_timer_of_the_event_loop(calls: Calls) -> None:
    before = scheduled()
    timer = timer_of(20)
    callbacks = [calls(number) for number in range(5000)]
    for callback in callbacks:
        timer.add(callback)
    assert scheduled() == before + 1
    for callback in callbacks[1:]:
        timer.cancel(callback)
    assert scheduled() == before + 1
    await asyncio.sleep(100)
    assert calls.made == [(0, 20)]
    assert scheduled() == before


async def test_they_share_it_who_wait_equally_long(calls: Calls) -> None:
    assert timer_of(20) is not timer_of(10)
    timer = timer_of(20)
    assert timer_of(20) is timer


async def test_what_is_due_soon_after_is_called_along(calls: Calls) -> None:
    timer = timer_of(2)
    for number in range(4):
        timer.add(calls(number))
        await asyncio.sleep(0.015)
    await asyncio.sleep(100)
    # 20 ms are a hundredth of the delay.
    assert calls.made == [(0, 2), (1, 2), (2, pytest.approx(2.03)), (3, pytest.approx(2.03))]


async def test_others_have_their_turn_between_many_calls(calls: Calls) -> None:
    timer = timer_of(20)
    for number in range(250):
        timer.add(calls(number))
    made = []

    def count() -> None:
        made.append(len(calls.made))
        if made[-1] < 250:
            asyncio.get_running_loop().call_soon(count)

    asyncio.get_running_loop().call_later(20, count)
    await asyncio.sleep(100)
    assert sorted({now for now in made if now}) == [100, 200, 250]
    assert {when for _, when in calls.made} == {20}


async def test_callbacks_that_add_themselves_anew_keep_nobody_waiting(calls: Calls) -> None:
    """As keepalives do: each sends a ping, and waits to see whether it is answered."""
    timer = timer_of(20)

    def add(number: int) -> None:
        def again() -> None:
            calls(number)()
            timer.add(again)

        timer.add(again)

    for number in range(250):
        add(number)
    await asyncio.sleep(50)
    assert calls.made == [(number, when) for when in (20, 40) for number in range(250)]


async def test_an_exception_stops_nothing_else(calls: Calls, loop_errors: list[str]) -> None:
    timer = timer_of(20)

    def fail() -> None:
        raise ValueError("no")

    timer.add(fail)
    timer.add(calls("b"))
    await asyncio.sleep(100)
    assert calls.made == [("b", 20)]
    assert [error.splitlines()[0] for error in loop_errors] == ["exception in a shared timer"]
    loop_errors.clear()


async def test_it_is_called_in_no_context_of_who_adds(clock: Clock) -> None:
    variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="none")
    variable.set("mine")
    seen: list[str] = []
    timer_of(20).add(lambda: seen.append(variable.get()))
    await asyncio.sleep(100)
    assert seen == ["none"]


def test_nothing_is_left_of_an_event_loop_that_was_closed_meanwhile() -> None:
    async def main() -> weakref.ref[SharedTimer]:
        timer = timer_of(20)
        timer.add(list)
        return weakref.ref(timer)

    gc.collect()
    before = len(timers)
    timer = asyncio.run(main())
    gc.collect()
    assert timer() is None
    assert len(timers) == before


async def test_a_timer_of_another_event_loop_is_not_taken(clock: Clock) -> None:
    loop = asyncio.get_running_loop()
    other = SharedTimer(asyncio.new_event_loop(), 20)
    timers[id(loop), 20] = other  # as if it had been at the same address
    assert timer_of(20) is not other
    other._loop.close()
