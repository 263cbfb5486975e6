"""Tasks that are cancelled in the middle of a step which they know nothing of, by both twins."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING, Any

import pytest

from tests.ws_frames.queues import Queue, outside_tasks, start_stepped, stepped, turns

if TYPE_CHECKING:
    from tests.conftest import Run

pytestmark = pytest.mark.usefixtures("stepping")

since_311 = pytest.mark.skipif(sys.version_info < (3, 11), reason="new in Python 3.11")


def this_task() -> asyncio.Task[Any]:
    task = asyncio.current_task()
    assert task is not None
    return task


def cancel_this_task(*message: str) -> None:
    task = this_task()
    assert task.cancel(*message)


def test_a_task_that_cancels_itself_is_cancelled_where_it_waits_again(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        seen: list[object] = []

        async def take() -> None:
            await queue.get()
            cancel_this_task("mine")
            seen.append("still running")
            try:
                await queue.get()
            except asyncio.CancelledError as exc:
                seen.append(exc.args)
            seen.append(await queue.get())

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        await turns()
        assert seen == ["still running", ("mine",)]
        await outside_tasks(lambda: queue.put(2))
        assert seen[2:] == [2]
        await task

    run(main())


def test_what_it_waits_for_instead_is_cancelled(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        seen: list[object] = []
        inner: list[asyncio.Task[object]] = []

        async def sleep() -> None:
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                seen.append("inner")
                raise

        async def take() -> None:
            await queue.get()
            inner.append(asyncio.ensure_future(sleep()))
            await asyncio.sleep(0)
            await queue.get()
            cancel_this_task()
            try:
                await inner[0]
            except asyncio.CancelledError:
                seen.append("outer")
                raise

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        await turns()
        await outside_tasks(lambda: queue.put(2))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["inner", "outer"]
        assert inner[0].cancelled()

    run(main())


@pytest.mark.parametrize("raises", [False, True])
def test_where_it_ends_the_next_wait_is_cancelled(run: Run[None], raises: bool) -> None:
    async def main() -> None:
        queue = Queue()
        seen: list[object] = []

        async def take() -> str:
            await queue.get()
            cancel_this_task("mine")
            if raises:
                raise ValueError("of its own")
            return "done"

        async def outer() -> None:
            try:
                seen.append(await stepped(take()))
            except ValueError as exc:
                seen.append(str(exc))
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                seen.append("cancelled")
                raise

        task = asyncio.ensure_future(outer())
        await turns()
        await outside_tasks(lambda: queue.put(1))
        with pytest.raises(asyncio.CancelledError):
            await task
        assert seen == ["of its own" if raises else "done", "cancelled"]

    run(main())


def test_sleeping_for_no_time_is_cancelled_too(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def take() -> str:
            await queue.get()
            cancel_this_task()
            try:
                await asyncio.sleep(0)
            except asyncio.CancelledError:
                return "cancelled"
            return "not cancelled"

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        assert await task == "cancelled"

    run(main())


@since_311
def test_each_request_to_cancel_counts_once(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()
        counts: list[int] = []

        async def take() -> None:
            await queue.get()
            cancel_this_task()
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                counts.append(this_task().cancelling())  # type: ignore[attr-defined, unused-ignore]

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        await task
        assert counts == [1]

    run(main())


@since_311
def test_time_limits_hold(run: Run[None]) -> None:
    async def main() -> None:
        queue = Queue()

        async def take() -> str:
            await queue.get()
            try:
                async with asyncio.timeout(0):  # type: ignore[attr-defined, unused-ignore]
                    await queue.get()
            except TimeoutError:
                return "late"
            return "in time"

        task = await start_stepped(take())
        await outside_tasks(lambda: queue.put(1))
        assert await task == "late"

    run(main())
