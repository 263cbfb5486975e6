"""A future whose task is stepped inside the call that wakes it, by both twins."""

from __future__ import annotations

import asyncio
import traceback
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, turns, waiting
from ws_frames.pure.inbox import suspend

if TYPE_CHECKING:
    from types import ModuleType

    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("waiters")


# Stepping


def test_the_task_goes_on_inside_wake(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        steps = []

        async def handler() -> None:
            steps.append(await queue.get())

        def bring() -> None:
            queue.put(1)
            assert steps == [1]

        task = await waiting(handler())
        await outside_tasks(bring)
        await task
        assert steps == [1]

    run(main())


def test_it_can_be_awaited_any_number_of_times_inside_one_wake(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        taken: list[int] = []

        async def handler() -> None:
            while len(taken) < 1000:
                taken.append(await queue.get())

        def bring() -> None:
            for number in range(1000):
                queue.put(number)
                assert taken[-1] == number

        task = await waiting(handler())
        await outside_tasks(bring)
        await task
        assert taken == list(range(1000))

    run(main())


def test_waking_nobody_does_nothing(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        queue.waiter.wake()
        await outside_tasks(queue.waiter.wake)
        before = queue.taken
        task = await waiting(queue.get())
        while_waiting = queue.taken
        await outside_tasks(lambda: queue.put(1))
        after = queue.taken
        assert await task == 1
        assert (before, while_waiting, after) == (False, True, False)

    run(main())


def test_a_task_that_is_woken_for_nothing_waits_again(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        task = await waiting(queue.get())
        await outside_tasks(queue.waiter.wake)
        await outside_tasks(queue.waiter.wake)
        assert queue.taken
        assert not task.done()
        await outside_tasks(lambda: queue.put(1))
        assert await task == 1

    run(main())


def test_while_another_task_runs_the_task_goes_on_in_the_next_turn(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        task = await waiting(queue.get())
        queue.put(1)  # by this task
        queue.put(2)
        assert queue.taken  # it was woken, and has not gone on yet
        assert not task.done()
        await turns(1)
        assert task.done()
        assert await task == 1
        assert list(queue.items) == [2]

    run(main())


def test_a_task_that_wakes_while_it_runs_steps_no_other(run: Run[None]) -> None:
    async def main() -> None:
        first, second = Queue(), Queue()
        order = []

        async def one() -> None:
            order.append(await first.get())
            second.put(2)  # inside the step of this task
            order.append(3)

        async def two() -> None:
            order.append(await second.get())

        tasks = [await waiting(one()), await waiting(two())]
        await outside_tasks(lambda: first.put(1))
        await asyncio.gather(*tasks)
        assert order == [1, 3, 2]

    run(main())


def test_two_tasks_play_ping_pong_without_growing_the_stack(run: Run[None]) -> None:
    async def main() -> None:
        queues = Queue(), Queue()
        depths = []

        async def play(mine: Queue, other: Queue) -> None:
            for _ in range(200):
                number = await mine.get()
                depths.append(sum(1 for _ in traceback.walk_stack(None)))
                other.put(number + 1)

        tasks = [await waiting(play(*queues)), await waiting(play(*reversed(queues)))]
        await outside_tasks(lambda: queues[0].put(0))
        await asyncio.gather(*tasks)
        assert max(depths) - min(depths) < 10

    run(main())


def test_the_task_may_wait_for_other_things_after_a_step(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        taken: list[int] = []

        async def handler() -> None:
            for _ in range(3):
                taken.append(await queue.get())
                await asyncio.sleep(0)
                await asyncio.get_running_loop().run_in_executor(None, taken.append, -1)

        task = await waiting(handler())
        for number in range(3):
            await outside_tasks(lambda number=number: queue.put(number))  # type: ignore[misc]
        await task
        assert taken == [0, -1, 1, -1, 2, -1]

    run(main())


def test_the_task_is_the_current_one_in_its_step(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        seen = []

        async def handler() -> None:
            await queue.get()
            seen.append(asyncio.current_task())
            assert asyncio.get_running_loop() is queue.loop

        task = await waiting(handler())
        await outside_tasks(lambda: queue.put(1))
        assert seen == [task]

    run(main())


def test_a_task_that_ends_in_its_step_wakes_who_waits_for_it(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        task = await waiting(queue.get())
        queue.loop.call_soon(queue.put, 1)
        results = await asyncio.gather(task, asyncio.sleep(0, 2))
        assert list(results) == [1, 2]

    run(main())


def test_the_task_says_what_it_waits_for(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        task = await waiting(queue.get())
        assert "Waiter" in repr(task)
        names = [frame.f_code.co_name for frame in task.get_stack()]
        assert names[-1:] == [getattr(task.get_coro(), "__name__", None)]
        task.cancel()
        await turns()

    run(main())


# Wrong uses


def test_another_event_loop_is_refused_as_with_futures(run: Run[None], twin: ModuleType) -> None:
    async def main() -> None:
        other = asyncio.new_event_loop()
        try:
            waiter = twin.Waiter(other, asyncio.current_task)
            with pytest.raises(RuntimeError, match="attached to a different loop"):
                await suspend(waiter.start())
        finally:
            other.close()

    run(main())


def test_waking_before_the_task_waits_lets_it_go_on_in_the_next_turn(
    run: Run[None], twin: ModuleType
) -> None:
    async def main() -> None:
        waiter = twin.Waiter(asyncio.get_running_loop(), asyncio.current_task)

        async def handler() -> None:
            blocker = waiter.start()
            waiter.wake()
            await suspend(blocker)

        task = asyncio.ensure_future(handler())
        await turns()
        assert task.done()
        await task

    run(main())


def test_a_second_callback_is_refused(run: Run[None], twin: ModuleType) -> None:
    async def main() -> None:
        waiter = twin.Waiter(asyncio.get_running_loop(), asyncio.current_task)
        called: list[str] = []
        waiter.start()
        waiter.add_done_callback(lambda _: called.append("first"))
        with pytest.raises(RuntimeError, match="another task is waiting already"):
            waiter.add_done_callback(lambda _: called.append("second"))
        await outside_tasks(waiter.wake)
        assert called == ["first"]

    run(main())


def test_it_knows_no_other_arguments_than_futures_do(run: Run[None], twin: ModuleType) -> None:
    async def main() -> None:
        waiter: Any = twin.Waiter(asyncio.get_running_loop(), asyncio.current_task)
        for arguments, named in (((), {}), ((print, print), {}), ((print,), {"other": 1})):
            with pytest.raises(TypeError):
                waiter.add_done_callback(*arguments, **named)
        with pytest.raises(TypeError):
            waiter.cancel("message", "more")
        assert waiter.cancel("message") is waiter.cancel(msg="message") is waiter.cancel() is False
        assert waiter.result() is None
        assert waiter.get_loop() is asyncio.get_running_loop()

    run(main())
