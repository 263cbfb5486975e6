"""One time limit over several steps."""

from __future__ import annotations

import asyncio
import sys
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from ws_asyncio.deadline import Deadline
from ws_asyncio.timers import SharedTimer

if TYPE_CHECKING:
    from tests.ws_asyncio.clocks import Clock

pytestmark = pytest.mark.usefixtures("clock")

counts_requests = pytest.mark.skipif(
    sys.version_info < (3, 11), reason="tasks count the requests to cancel them from 3.11 on"
)


async def test_a_body_within_the_limit_is_left_alone(clock: Clock) -> None:
    with Deadline(10, "baking"):
        await asyncio.sleep(4)
        await asyncio.sleep(5)
    await asyncio.sleep(60)
    assert clock.now == pytest.approx(1069)


async def test_a_body_over_the_limit_is_cancelled(clock: Clock) -> None:
    steps = []

    async def bake() -> None:
        with Deadline(10, "baking"):
            await asyncio.sleep(9)
            steps.append("first")
            await asyncio.sleep(9)
            steps.append("second")

    with pytest.raises(asyncio.TimeoutError, match=r"^baking took more than 10 s$"):
        await bake()
    assert steps == ["first"]
    assert clock.now == pytest.approx(1010)


async def test_the_limit_may_count_from_an_earlier_time(clock: Clock) -> None:
    began = clock.now
    await asyncio.sleep(6)
    late = pytest.raises(asyncio.TimeoutError, match=r"^baking took more than 10 s$")
    with late, Deadline(10, "baking", since=began):
        await asyncio.sleep(60)
    assert clock.now == pytest.approx(1010)


async def test_it_may_be_on_a_shared_timer(clock: Clock) -> None:
    async def bake(seconds: float) -> None:
        with Deadline(10, "baking", shared=True):
            await asyncio.sleep(seconds)

    done = asyncio.ensure_future(bake(9))
    with pytest.raises(asyncio.TimeoutError, match=r"^baking took more than 10 s$"):
        await asyncio.gather(bake(60), asyncio.sleep(11))
    assert clock.now == pytest.approx(1010, abs=0.05)
    await done
    # The other time limit is for one alone, which began before.
    began = clock.now
    await asyncio.sleep(6)
    with pytest.raises(asyncio.TimeoutError), Deadline(10, "baking", since=began, shared=True):
        await asyncio.sleep(60)
    assert clock.now == pytest.approx(began + 10)


async def test_a_shared_timer_keeps_nothing_of_what_is_done() -> None:
    with Deadline(10, "baking", shared=True):
        timer = SharedTimer.of(asyncio.get_running_loop(), 10)
        assert len(timer._due) == 1
    assert len(timer._due) == 0


async def test_none_is_no_limit(clock: Clock) -> None:
    with Deadline(None, "baking"):
        await asyncio.sleep(10_000)
    assert clock.now == pytest.approx(11_000)


async def test_the_cancellation_is_the_cause() -> None:
    with pytest.raises(asyncio.TimeoutError) as caught, Deadline(1, "baking"):
        await asyncio.sleep(2)
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)


async def test_other_exceptions_pass() -> None:
    with pytest.raises(ValueError, match=r"^mine$"), Deadline(10, "baking"):
        raise ValueError("mine")


async def test_an_exception_that_the_body_makes_of_the_cancellation_passes() -> None:
    async def bake() -> None:
        with Deadline(1, "baking"):
            try:
                await asyncio.sleep(2)
            except asyncio.CancelledError:
                raise ValueError("mine") from None

    with pytest.raises(ValueError, match=r"^mine$"):
        await bake()


async def test_a_body_that_ends_in_spite_of_the_cancellation_has_no_timeout() -> None:
    with Deadline(1, "baking"), suppress(asyncio.CancelledError):
        await asyncio.sleep(2)
    await asyncio.sleep(0)


async def test_a_cancellation_from_outside_stays_one(clock: Clock) -> None:
    async def bake() -> None:
        with Deadline(10, "baking"):
            await asyncio.sleep(60)

    task = asyncio.ensure_future(bake())
    asyncio.get_running_loop().call_later(5, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert clock.now == pytest.approx(1005)


@counts_requests
async def test_a_cancellation_from_outside_in_the_turn_of_the_limit_stays_one() -> None:
    async def bake() -> None:
        with Deadline(10, "baking"):
            await asyncio.sleep(60)

    task = asyncio.ensure_future(bake())
    await asyncio.sleep(0)
    asyncio.get_running_loop().call_later(10, task.cancel)
    with pytest.raises(asyncio.CancelledError):
        await task


@counts_requests
async def test_the_request_to_cancel_is_taken_back() -> None:
    task = asyncio.current_task()
    assert task is not None
    with pytest.raises(asyncio.TimeoutError), Deadline(1, "baking"):
        await asyncio.sleep(2)
    assert task.cancelling() == 0  # type: ignore[attr-defined, unused-ignore]


@counts_requests
async def test_a_task_that_had_been_cancelled_before_may_have_a_deadline() -> None:
    async def bake() -> str:
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(60)
        try:
            with Deadline(1, "baking"):
                await asyncio.sleep(2)
        except asyncio.TimeoutError:
            return "timeout"
        return "no timeout"

    task = asyncio.ensure_future(bake())
    await asyncio.sleep(0)
    task.cancel()
    assert await task == "timeout"


@pytest.mark.parametrize(("outer", "inner", "expected"), [(1, 2, "outer"), (2, 1, "inner")])
async def test_the_shorter_of_two_nested_limits_counts(
    outer: int, inner: int, expected: str
) -> None:
    late = pytest.raises(asyncio.TimeoutError, match=rf"^{expected} took more than 1 s$")
    with late, Deadline(outer, "outer"), Deadline(inner, "inner"):
        await asyncio.sleep(3)


async def test_a_limit_that_has_passed_already_ends_the_first_wait(clock: Clock) -> None:
    with pytest.raises(asyncio.TimeoutError), Deadline(0, "baking"):
        await asyncio.sleep(1)
    assert clock.now == pytest.approx(1000)


@pytest.mark.usefixtures("no_gc")
async def test_a_task_that_ends_with_the_timeout_leaves_no_cyclic_garbage() -> None:
    async def bake() -> None:
        with Deadline(1, "baking"):
            await asyncio.sleep(2)

    task = asyncio.ensure_future(bake())
    await asyncio.wait([task])
    assert isinstance(task.exception(), asyncio.TimeoutError)
    reference = weakref.ref(task)
    del task
    await asyncio.sleep(0)
    assert reference() is None
