"""Coroutines that waiters go on with without their task, by both twins."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, start_stepped, turns

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from types import ModuleType

    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("stepping")

since_312 = pytest.mark.skipif(sys.version_info < (3, 12), reason="new in Python 3.12")


class Spy:
    """Takes the place of asyncio's functions for whoever makes the steps of a task."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.error: BaseException | None = None

    def enter(self, loop: Any, task: Any) -> None:
        self.calls.append("enter")
        if self.error is not None:
            raise self.error
        asyncio.tasks._enter_task(loop, task)

    def leave(self, loop: Any, task: Any) -> None:
        self.calls.append("leave")
        asyncio.tasks._leave_task(loop, task)


async def spied(twin: ModuleType, spy: Spy, coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await twin.Stepper(coroutine, asyncio.current_task(), spy.enter, spy.leave)


# Steps without the task


def test_a_coroutine_that_waits_again_goes_on_without_its_task(
    run: Run[None], twin: ModuleType
) -> None:
    async def main() -> None:
        queue, spy = Queue(), Spy()
        taken: list[int] = []

        async def take() -> None:
            while len(taken) < 3:
                taken.append(await queue.get())

        task = asyncio.ensure_future(spied(twin, spy, take()))
        await turns()
        for number in range(2):
            await outside_tasks(lambda: queue.put(number))  # noqa: B023 - it is called at once
            assert taken[-1:] == [number]
        assert spy.calls == ["enter", "leave"] * 2
        await outside_tasks(lambda: queue.put(2))
        assert task.done()
        assert taken == [0, 1, 2]

    run(main())


def test_it_runs_as_its_task_and_in_its_context(run: Run[None]) -> None:
    variable: contextvars.ContextVar[int] = contextvars.ContextVar("variable", default=0)

    async def main() -> None:
        queue = Queue()
        seen: list[tuple[object, int]] = []

        async def take() -> None:
            while True:
                seen.append((asyncio.current_task(), variable.get()))
                variable.set(variable.get() + 1)
                await queue.get()

        task = await start_stepped(take())
        for number in range(2):
            await outside_tasks(lambda: queue.put(number))  # noqa: B023 - it is called at once
        assert seen == [(task, 0), (task, 1), (task, 2)]
        assert variable.get() == 0
        task.cancel()
        await asyncio.wait([task])

    run(main())


def test_it_may_wait_for_several_waiters_in_turn(run: Run[None]) -> None:
    async def main() -> None:
        queues = [Queue(), Queue()]

        async def take() -> list[int]:
            return [await queues[number % 2].get() for number in range(6)]

        task = await start_stepped(take())
        for number in range(6):
            await outside_tasks(lambda: queues[number % 2].put(number))  # noqa: B023
        assert task.done()
        assert await task == list(range(6))

    run(main())


@pytest.mark.parametrize("value", [None, 1, (1, 2), (), ValueError("no error"), StopIteration(1)])
def test_what_it_returns_is_what_awaiting_gives(run: Run[None], value: object) -> None:
    async def main() -> None:
        queue = Queue()

        async def take(times: int) -> object:
            for _ in range(times):
                await queue.get()
            return value

        for times in range(2):
            task = await start_stepped(take(times))
            if times:
                await outside_tasks(lambda: queue.put(1))
            assert task.done()
            assert await task is value

    run(main())


# Who else has to do with it


def test_it_is_the_task_that_goes_on_where_another_one_is_running(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        taken: list[int] = []

        async def take() -> None:
            while True:
                taken.append(await queue.get())

        task = await start_stepped(take())
        for number in range(3):
            queue.put(number)
            assert len(taken) == number
            await turns(1)
            assert len(taken) == number + 1
        task.cancel()
        await asyncio.wait([task])

    run(main())


def test_what_keeps_it_from_being_the_task_is_told_to_who_wakes(
    run: Run[None], twin: ModuleType
) -> None:
    async def main() -> None:
        queue, spy = Queue(), Spy()
        task = asyncio.ensure_future(spied(twin, spy, queue.get()))
        await turns()
        spy.error = MemoryError("none")
        with pytest.raises(MemoryError, match="none"):
            queue.put(1)
        assert not task.done()
        spy.error = None
        await outside_tasks(queue.waiter.wake)
        assert await task == 1

    run(main())


@since_312
def test_another_task_may_wait_before_its_own_is_told(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        children: list[asyncio.Task[int]] = []

        async def take() -> int:
            first = await queue.get()
            # It waits for the same waiter already when this coroutine waits for something else.
            children.append(asyncio.eager_task_factory(queue.loop, queue.get()))  # type: ignore[attr-defined, unused-ignore]
            await asyncio.sleep(0)
            return first

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        assert await task == 1
        await outside_tasks(lambda: queue.put(2))
        assert await children[0] == 2

    run(main())


# As a coroutine


async def nothing() -> int:
    return 1


def made(twin: ModuleType, coroutine: Any) -> Any:
    def none(*_: object) -> None:
        pass

    return twin.Stepper(coroutine, object(), none, none)


def test_it_is_awaited_once(twin: ModuleType) -> None:
    stepper = made(twin, nothing())
    with pytest.raises(StopIteration) as caught:
        stepper.__await__().send(None)
    assert caught.value.value == 1
    for use, *arguments in ((stepper.send, None), (next, stepper), (stepper.throw, OSError)):
        with pytest.raises(RuntimeError, match=r"^cannot reuse already awaited coroutine$"):
            use(*arguments)
    stepper.close()


def test_it_can_be_iterated(twin: ModuleType) -> None:
    class Twice:
        def __await__(self) -> Any:
            yield 1
            yield 2

    async def wait() -> None:
        await Twice()

    assert list(made(twin, wait())) == [1, 2]


@pytest.mark.parametrize(
    ("thrown", "caught"),
    [((OSError,), ""), ((OSError("5"),), "5"), ((OSError, OSError("5"), None), "5")],
)
@pytest.mark.filterwarnings("ignore:the \\(type, exc, tb\\) signature:DeprecationWarning")
def test_what_is_thrown_is_thrown_into_the_coroutine(
    twin: ModuleType, thrown: Any, caught: str
) -> None:
    class Once:
        def __await__(self) -> Any:
            yield 1

    async def wait() -> str:
        try:
            await Once()
        except OSError as exc:
            await Once()
            return str(exc)
        return "nothing"

    stepper = made(twin, wait())
    assert stepper.send(None) == 1
    assert stepper.throw(*thrown) == 1
    with pytest.raises(StopIteration) as stop:
        stepper.send(None)
    assert stop.value.value == caught


def test_closing_it_closes_the_coroutine(twin: ModuleType) -> None:
    closed: list[bool] = []

    class Once:
        def __await__(self) -> Any:
            yield 1

    async def wait() -> None:
        try:
            await Once()
        finally:
            closed.append(True)

    stepper = made(twin, wait())
    stepper.send(None)
    stepper.close()
    assert closed == [True]
    stepper.close()


def test_it_shows_what_its_task_waits_for(run: Run[None], twin: ModuleType) -> None:
    async def main() -> None:
        queue = Queue()
        coroutine: Any = queue.get()
        stepper = made(twin, coroutine)
        assert stepper.cr_frame is coroutine.cr_frame
        stepper.send(None)
        assert coroutine.cr_await is not None
        assert stepper.cr_await is coroutine.cr_await
        stepper.close()
        seen = (stepper.cr_await, stepper.cr_frame)
        assert seen == (None, None)

    run(main())


# What is left behind


@pytest.mark.usefixtures("no_gc")
@pytest.mark.parametrize("how", ["returns", "raises", "is cancelled"])
def test_nothing_is_left_of_it(run: Run[None], how: str) -> None:
    async def main() -> None:
        queue = Queue()

        class Kept:
            pass

        async def take(_: Kept) -> None:
            await queue.get()
            await queue.get()
            if how == "raises":
                raise ValueError

        kept = Kept()
        reference = weakref.ref(kept)
        task = await start_stepped(take(kept))
        del kept
        await outside_tasks(lambda: queue.put(1))
        if how == "is cancelled":
            task.cancel()
        else:
            await outside_tasks(lambda: queue.put(2))
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()
        del task
        await turns()
        if how == "is cancelled":  # some tasks keep what they were cancelled with
            gc.collect()
        assert reference() is None

    run(main())


def test_a_cycle_through_it_is_collected(twin: ModuleType) -> None:
    class Kept:
        stepper: Any = None

    async def wait(kept: Kept) -> None:
        pass

    kept = Kept()
    coroutine = wait(kept)
    kept.stepper = made(twin, coroutine)
    reference = weakref.ref(kept)
    del kept, coroutine
    with pytest.warns(RuntimeWarning, match="never awaited"):
        gc.collect()
    assert reference() is None
