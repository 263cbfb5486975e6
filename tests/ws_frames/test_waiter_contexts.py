"""The contexts in which a waiter steps tasks and calls back, by both twins."""

from __future__ import annotations

import asyncio
import contextvars
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, waiting
from ws_frames.pure.inbox import suspend

if TYPE_CHECKING:
    from types import ModuleType

    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("waiters")

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="unset")


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


def test_a_callback_without_a_context_runs_in_that_of_who_added_it(
    run: Run[None], twin: ModuleType
) -> None:
    async def main() -> None:
        waiter = twin.Waiter(asyncio.get_running_loop(), asyncio.current_task)
        seen: list[str] = []
        variable.set("of who added it")
        waiter.start()
        waiter.add_done_callback(lambda _: seen.append(variable.get()))
        variable.set("changed")
        await outside_tasks(waiter.wake)
        assert seen == ["of who added it"]

    run(main())
