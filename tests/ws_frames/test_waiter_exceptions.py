"""What a task raises in the step that a waiter makes it do, by both twins."""

from __future__ import annotations

import asyncio
import weakref
from typing import TYPE_CHECKING, Callable

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, turns, waiting

if TYPE_CHECKING:
    from types import ModuleType

    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("waiters")


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


class Loop:
    """An event loop that is asked for turns, and makes none."""

    def __init__(self) -> None:
        self.due: list[object] = []

    def call_soon(self, function: object, *_: object, **__: object) -> object:
        self.due.append(function)
        return self


def test_a_runtime_error_of_what_is_called_is_no_reason_to_call_it_again(
    twin: ModuleType,
) -> None:
    loop = Loop()

    def fail(_: object) -> None:
        raise RuntimeError("mine")

    waiter = twin.Waiter(loop, lambda _: None)
    waiter.start().add_done_callback(fail)
    with pytest.raises(RuntimeError, match=r"^mine$"):
        waiter.wake()
    assert loop.due == []


def test_who_waits_since_it_was_asked_for_the_current_task_is_not_woken(
    twin: ModuleType,
) -> None:
    loop = Loop()
    called: list[str] = []

    def wait_anew(_: object) -> None:
        waiter.cancel()
        waiter.start().add_done_callback(lambda _: called.append("second"))

    def first(_: object) -> None:
        called.append("first")

    waiter = twin.Waiter(loop, wait_anew)
    waiter.start().add_done_callback(first)
    waiter.wake()
    assert (called, loop.due) == ([], [first])
