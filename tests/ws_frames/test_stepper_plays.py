"""Random plays of what a coroutine and others do: with a stepper and without it they go alike."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.ws_frames.queues import Queue, outside_tasks, stepped, turns

if TYPE_CHECKING:
    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("stepping")


#: What a coroutine does, and what happens outside of it, in any order.
INSIDE = ("get", "sleep", "future", "child", "cancel", "cancel again", "raise", "end")
OUTSIDE = ("put", "put from a task", "cancel", "finish", "turn")


class Scene:
    """A task that follows one script while the event loop follows another; notes all of it."""

    def __init__(self, inside: list[str]) -> None:
        self.inside = inside
        self.queue = Queue()
        self.future: asyncio.Future[str] | None = None
        self.notes: list[object] = []

    async def act(self) -> str:
        for number, action in enumerate(self.inside):
            self.notes.append((number, action, asyncio.current_task() is self.task))
            try:
                self.notes.append(await self.do(action))
            except asyncio.CancelledError as exc:
                self.notes.append(("cancelled", exc.args, self.requests()))
            if action == "end":
                break
        return "the end"

    async def do(self, action: str) -> object:
        if action == "get":
            return await self.queue.get()
        if action == "sleep":
            await asyncio.sleep(0)
        if action == "future":
            self.future = asyncio.get_running_loop().create_future()
            return await self.future
        if action == "child":
            return await asyncio.ensure_future(self.child())
        if action.startswith("cancel"):
            return self.task.cancel(*action.split()[1:])
        if action == "raise":
            raise ValueError("mine")
        return None

    async def child(self) -> str:
        try:
            await asyncio.sleep(0)
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.notes.append("the child is cancelled")
            raise
        return "the child"

    def requests(self) -> int:
        return getattr(self.task, "cancelling", int)()

    async def outer(self, through: bool) -> str:
        task = asyncio.current_task()
        assert task is not None
        self.task = task  # an eager one runs before it is given to whoever made it
        try:
            return str(await (stepped(self.act()) if through else self.act()))
        except ValueError as exc:
            self.notes.append(exc.args)
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            self.notes.append("cancelled outside")
            raise
        return "the end of it"

    async def play(self, outside: list[str], through: bool) -> list[object]:
        self.task = asyncio.ensure_future(self.outer(through))
        await turns(1)
        for number, action in enumerate(outside):
            self.notes.append(action)
            if action == "put":
                await outside_tasks(partial(self.queue.put, number))
            elif action == "put from a task":
                self.queue.put(number)
            elif action == "cancel":
                self.task.cancel("from outside")
            elif action == "finish" and self.future is not None and not self.future.done():
                self.future.set_result("done")
            elif action == "turn":
                await turns(1)
        while not self.task.done():
            self.notes.append("at last")
            self.task.cancel()
            await turns(1)
        self.notes.append("cancelled" if self.task.cancelled() else self.task.result())
        return self.notes


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    inside=st.lists(st.sampled_from(INSIDE), max_size=12),
    outside=st.lists(st.sampled_from(OUTSIDE), max_size=16),
)
def test_it_is_as_without_it(run: Run[list[object]], inside: list[str], outside: list[str]) -> None:
    async def plain() -> list[object]:
        return await Scene(inside).play(outside, through=False)

    async def through_stepper() -> list[object]:
        return await Scene(inside).play(outside, through=True)

    assert run(through_stepper()) == run(plain())
