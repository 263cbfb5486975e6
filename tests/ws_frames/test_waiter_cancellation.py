"""Tasks that are cancelled while they wait for a waiter, and time limits, by both twins."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import weakref
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, turns, waiting

if TYPE_CHECKING:
    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("waiters")

before_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")


def test_a_waiting_task_can_be_cancelled(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        task = await waiting(queue.get())
        assert task.cancel()
        assert queue.taken  # until the task has seen it
        queue.put(1)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await queue.get() == 1

    run(main())


def test_the_message_of_a_cancellation_arrives(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        seen: list[tuple[str, ...]] = []

        async def handler() -> None:
            try:
                await queue.get()
            except asyncio.CancelledError as exc:
                seen.append(exc.args)
                raise

        task = await waiting(handler())
        task.cancel("the reason")
        with pytest.raises(asyncio.CancelledError):
            await task
        task = await waiting(handler())
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == [("the reason",), ()]

    run(main())


def test_a_cancelled_task_that_goes_on_can_wait_again(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def handler() -> int:
            try:
                return await queue.get()
            except asyncio.CancelledError:
                return await queue.get()

        task = await waiting(handler())
        task.cancel()
        await turns()
        assert queue.taken
        await outside_tasks(lambda: queue.put(1))
        assert await task == 1

    run(main())


@pytest.mark.parametrize("outside", [False, True])
@pytest.mark.parametrize("cancel_first", [False, True])
def test_an_item_that_comes_in_the_turn_of_a_cancellation_is_neither_lost_nor_taken_twice(
    run: Run[None], cancel_first: bool, outside: bool
) -> None:
    async def main() -> None:
        queue = Queue()
        taken: list[int] = []

        async def handler() -> None:
            while True:
                taken.append(await queue.get())

        def both() -> None:
            if cancel_first:
                task.cancel()
                queue.put(1)
            else:
                queue.put(1)
                task.cancel()

        task = await waiting(handler())
        if outside:
            await outside_tasks(both)
        else:
            both()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert taken + list(queue.items) == [1]
        queue.put(2)
        assert taken + list(queue.items) == [1, 2]

    run(main())


def test_a_task_may_be_cancelled_inside_its_own_step(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def handler() -> None:
            await queue.get()
            task.cancel()
            await queue.get()

        task = await waiting(handler())
        await outside_tasks(lambda: queue.put(1))
        await turns()
        assert task.cancelled()
        assert not queue.taken
        await outside_tasks(lambda: queue.put(2))
        assert list(queue.items) == [2]

    run(main())


@pytest.mark.parametrize("cancel", [False, True])
def test_nothing_is_held_after_waiting(run: Run[None], cancel: bool) -> None:
    class Value:
        """Something that a context holds, as a handler's may hold the connection."""

    held: contextvars.ContextVar[tuple[Value, Queue]] = contextvars.ContextVar("held")

    async def main() -> None:
        queue = Queue()

        async def handler() -> weakref.ref[Value]:
            value = Value()
            held.set((value, queue))
            try:
                await queue.get()
            except asyncio.CancelledError:
                assert cancel
            return weakref.ref(value)

        task = await waiting(handler())
        if cancel:
            task.cancel()
        else:
            queue.put(1)
        reference = await task
        del task
        await turns(1)  # the event loop holds what it has just called
        gc.collect()
        assert reference() is None

    run(main())


def test_wait_for_gives_the_item_or_ends_in_time(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(queue.get(), 0.001)
        assert not queue.taken
        queue.loop.call_soon(queue.put, 1)
        assert await asyncio.wait_for(queue.get(), 60) == 1
        queue.put(2)
        assert await asyncio.wait_for(queue.get(), 60) == 2

    run(main())


def test_an_item_that_comes_with_the_end_of_wait_for_is_not_lost(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        taken: list[int] = []
        for number in range(20):
            queue.loop.call_later(0.001, queue.put, number)
            try:
                taken.append(await asyncio.wait_for(queue.get(), 0.001))
            except asyncio.TimeoutError:
                taken.append(await queue.get())
        assert taken == list(range(20))

    run(main())


def test_waiting_in_a_group_of_futures(run: Run[None]) -> None:
    async def main() -> None:
        queues = [Queue() for _ in range(3)]
        tasks = [asyncio.ensure_future(queue.get()) for queue in queues]
        queues[0].loop.call_soon(queues[1].put, 1)
        done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        assert [task.result() for task in done] == [1]
        for task in pending:
            task.cancel()
        await asyncio.wait(tasks)
        assert all(task.cancelled() for task in pending)

    run(main())


@before_311
def test_a_timeout_gives_the_item_or_ends_in_time(run: Run[None]) -> None:
    timeout: Any = getattr(asyncio, "timeout", None)

    async def main() -> None:
        queue = Queue()
        with pytest.raises(asyncio.TimeoutError):
            async with timeout(0.001):
                await queue.get()
        queue.loop.call_soon(queue.put, 1)
        async with timeout(60):
            assert await queue.get() == 1

    run(main())


@before_311
def test_a_task_group_ends_a_task_that_waits(run: Run[None]) -> None:
    task_group: Any = getattr(asyncio, "TaskGroup", None)

    async def main() -> None:
        queue, failing = Queue(), Queue()

        async def fail() -> None:
            await failing.get()
            raise ValueError("mine")

        async def both() -> None:
            async with task_group() as group:
                tasks.append(group.create_task(queue.get()))
                group.create_task(fail())

        tasks: list[asyncio.Task[int]] = []
        queue.loop.call_soon(lambda: queue.loop.call_soon(failing.put, 1))
        caught = await asyncio.gather(both(), return_exceptions=True)
        assert [str(exc) for exc in getattr(caught[0], "exceptions", ())] == ["mine"]
        assert tasks[0].cancelled()
        assert not queue.taken

    run(main())
