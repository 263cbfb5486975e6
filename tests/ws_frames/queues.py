"""Tasks that wait for the items of a queue, and what event loops do meanwhile."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Coroutine
from typing import Any, Callable

from ws_frames import Stepper, Waiter
from ws_frames.pure.inbox import suspend


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


#: Whether tasks await their coroutines through steppers.
through_steppers = False


def stepped(coroutine: Coroutine[Any, Any, Any]) -> Stepper:
    """Give what the current task is to await instead of a coroutine."""
    task = asyncio.current_task()
    return Stepper(coroutine, task, asyncio.tasks._enter_task, asyncio.tasks._leave_task)


async def await_stepped(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return await stepped(coroutine)


async def start_stepped(coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Have a task await a coroutine through a stepper, until it waits."""
    task = asyncio.ensure_future(await_stepped(coroutine))
    await turns()
    return task


async def waiting(coro: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
    """Start a task and let it come to where it waits."""
    task = asyncio.ensure_future(await_stepped(coro) if through_steppers else coro)
    await turns()
    assert not task.done()
    return task
