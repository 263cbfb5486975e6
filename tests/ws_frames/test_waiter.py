"""A future whose task is stepped inside the call that wakes it."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import sys
import traceback
import weakref
from collections import deque
from collections.abc import Coroutine
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_frames import Waiter
from ws_frames.pure.inbox import suspend

if TYPE_CHECKING:
    from types import ModuleType

    from tests.conftest import Run

before_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


@pytest.fixture(autouse=True)
def twins(twin: ModuleType, loop_errors: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Test both, and what event loops complain about."""
    monkeypatch.setitem(globals(), "Waiter", twin.Waiter)


class Queue:
    """The least that needs a waiter: items that one task takes."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.items: deque[int] = deque()
        self.waiter = Waiter(self.loop, asyncio.current_task)
        self.taken = False

    def put(self, item: int) -> None:
        self.items.append(item)
        self.waiter.wake()

    async def get(self) -> int:
        while not self.items:
            self.taken = True
            try:
                await suspend(self.waiter.start())
            finally:
                self.taken = False
        return self.items.popleft()


async def outside_tasks(function: Callable[[], object]) -> None:
    """Call a function as the event loop calls protocols: while no task is running."""
    called: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def call() -> None:
        assert asyncio.current_task() is None
        try:
            function()
        finally:
            called.set_result(None)

    asyncio.get_running_loop().call_soon(call)
    await called


async def turns(number: int = 3) -> None:
    """Let the event loop turn a few times."""
    for _ in range(number):
        await asyncio.sleep(0)


async def waiting(coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start a task and let it come to where it waits."""
    task = asyncio.ensure_future(coro)
    await turns()
    assert not task.done()
    return task


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
        assert [frame.f_code.co_name for frame in task.get_stack()][-1:] == ["get"]
        task.cancel()
        await turns()

    run(main())


# Contexts


def test_the_step_has_the_context_of_the_task(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        seen = []

        async def handler() -> None:
            variable.set("of the handler")
            await queue.get()
            seen.append(variable.get())
            variable.set("changed by the handler")
            await queue.get()
            seen.append(variable.get())

        def bring() -> None:
            variable.set("of the loop")
            queue.put(1)
            assert variable.get() == "of the loop"

        task = await waiting(handler())
        await outside_tasks(bring)
        await outside_tasks(bring)
        await task
        assert seen == ["of the handler", "changed by the handler"]

    run(main())


def test_the_step_waits_for_a_turn_where_the_context_is_in_use(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        contexts: list[contextvars.Context] = []

        class Recorder:
            """A waiter that tells the context of the task."""

            _asyncio_future_blocking = True

            def get_loop(self) -> asyncio.AbstractEventLoop:
                return queue.loop

            def add_done_callback(self, callback: Any, *, context: contextvars.Context) -> None:
                contexts.append(context)
                queue.loop.call_soon(callback, self, context=context)

            def result(self) -> None:
                pass

        async def handler() -> int:
            await suspend(Recorder())
            return await queue.get()

        task = await waiting(handler())
        called: asyncio.Future[None] = queue.loop.create_future()

        def bring() -> None:
            queue.put(1)
            assert not task.done()
            called.set_result(None)

        # That of the task; two tasks can have the same one from Python 3.11 on.
        queue.loop.call_soon(bring, context=contexts[0])
        await called
        assert await task == 1

    run(main())


# Exceptions


def test_what_the_task_raises_stays_in_the_task(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def handler() -> None:
            await queue.get()
            raise ValueError("mine")

        task = await waiting(handler())
        await outside_tasks(lambda: queue.put(1))
        assert task.done()
        with pytest.raises(ValueError, match=r"^mine$"):
            await task

    run(main())


@pytest.mark.usefixtures("no_gc")
def test_a_task_that_fails_in_its_step_leaves_no_cyclic_garbage(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def handler() -> None:
            await queue.get()
            raise ValueError("mine")

        task = await waiting(handler())
        await outside_tasks(lambda: queue.put(1))
        await asyncio.wait([task])
        assert isinstance(task.exception(), ValueError)
        reference = weakref.ref(task)
        del task
        await turns(1)  # the event loop holds what it has just called
        assert reference() is None

    run(main())


@pytest.mark.parametrize("exception", [KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("kind", ["asyncio", "debug", "python tasks", "uvloop"])
def test_what_ends_the_program_does_so_in_the_next_turn(
    kind: str, exception: type[BaseException], loops: Callable[[str], asyncio.AbstractEventLoop]
) -> None:
    steps = []
    tasks = []

    async def main() -> None:
        queue = Queue()

        async def handler() -> None:
            await queue.get()
            raise exception

        def bring() -> None:
            queue.put(1)  # whatever calls this, it isn't the one to end
            steps.append("brought")

        tasks.append(await waiting(handler()))
        queue.loop.call_soon(bring)
        await asyncio.sleep(60)

    loop = loops(kind)
    main_task = loop.create_task(main())
    with pytest.raises(exception):
        loop.run_until_complete(main_task)
    assert steps == ["brought"]
    assert isinstance(tasks[0].exception(), exception)
    # The event loop can still be used to tidy up, as asyncio.run() does.
    main_task.cancel()
    with pytest.raises(asyncio.CancelledError):
        loop.run_until_complete(main_task)


# Cancellation


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


# Wrong uses


def test_another_event_loop_is_refused_as_with_futures(run: Run[None]) -> None:
    async def main() -> None:
        other = asyncio.new_event_loop()
        try:
            waiter = Waiter(other, asyncio.current_task)
            with pytest.raises(RuntimeError, match="attached to a different loop"):
                await suspend(waiter.start())
        finally:
            other.close()

    run(main())


def test_waking_before_the_task_waits_lets_it_go_on_in_the_next_turn(run: Run[None]) -> None:
    async def main() -> None:
        waiter = Waiter(asyncio.get_running_loop(), asyncio.current_task)

        async def handler() -> None:
            blocker = waiter.start()
            waiter.wake()
            await suspend(blocker)

        task = asyncio.ensure_future(handler())
        await turns()
        assert task.done()
        await task

    run(main())


def test_a_second_callback_is_refused(run: Run[None]) -> None:
    async def main() -> None:
        waiter = Waiter(asyncio.get_running_loop(), asyncio.current_task)
        called: list[str] = []
        waiter.start()
        waiter.add_done_callback(lambda _: called.append("first"))
        with pytest.raises(RuntimeError, match="another task is waiting already"):
            waiter.add_done_callback(lambda _: called.append("second"))
        await outside_tasks(waiter.wake)
        assert called == ["first"]

    run(main())


def test_it_knows_no_other_arguments_than_futures_do(run: Run[None]) -> None:
    async def main() -> None:
        waiter: Any = Waiter(asyncio.get_running_loop(), asyncio.current_task)
        for arguments, named in (((), {}), ((print, print), {}), ((print,), {"other": 1})):
            with pytest.raises(TypeError):
                waiter.add_done_callback(*arguments, **named)
        with pytest.raises(TypeError):
            waiter.cancel("message", "more")
        assert waiter.cancel("message") is waiter.cancel(msg="message") is waiter.cancel() is False
        assert waiter.result() is None
        assert waiter.get_loop() is asyncio.get_running_loop()

    run(main())


def test_a_callback_without_a_context_runs_in_that_of_who_added_it(run: Run[None]) -> None:
    async def main() -> None:
        waiter = Waiter(asyncio.get_running_loop(), asyncio.current_task)
        seen: list[str] = []
        variable.set("of who added it")
        waiter.start()
        waiter.add_done_callback(lambda _: seen.append(variable.get()))
        variable.set("changed")
        await outside_tasks(waiter.wake)
        assert seen == ["of who added it"]

    run(main())
