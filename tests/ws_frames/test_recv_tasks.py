"""Receiving from an inbox in tasks of asyncio, by both twins."""

from __future__ import annotations

import asyncio
import builtins
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.boxes import ALONE, Futures, Source, filled
from ws_frames import ConnectionClosedError, ConnectionClosedOK, Data


async def turn() -> None:
    """Let the event loop turn once."""
    await asyncio.sleep(0)


WAYS: dict[str, Callable[[Any], Any]] = {
    "create_task": asyncio.create_task,
    "ensure_future": asyncio.ensure_future,
    "gather": asyncio.gather,
    "wait_for": lambda coroutine: asyncio.create_task(asyncio.wait_for(coroutine, 60)),
    "shield": lambda coroutine: asyncio.ensure_future(asyncio.shield(coroutine)),
}


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_recv_in_a_task(twin: ModuleType, way: Callable[[Any], Any]) -> None:
    inbox, source = filled(twin, "a"), Futures()
    assert await way(inbox.recv(source)) in ("a", ["a"])
    task = way(inbox.recv(source))
    await turn()
    await turn()
    assert inbox.taken
    source.wake()  # for nothing
    await turn()
    inbox.put([b"b"])
    source.wake()
    assert await task in (b"b", [b"b"])


async def test_a_task_says_what_it_runs(twin: ModuleType) -> None:
    task = asyncio.ensure_future(twin.Inbox().recv(Futures()))
    assert "Inbox.recv" in repr(task)
    await turn()
    assert "Inbox.recv" in repr(task)
    assert task.get_stack() is not None
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("debug")
async def test_recv_that_is_awaited(twin: ModuleType) -> None:
    inbox, source = filled(twin, "a"), Futures()

    async def receive() -> list[Data]:
        return [await inbox.recv(source), await inbox.recv(source)]

    task = asyncio.ensure_future(receive())
    await turn()
    inbox.put(["b"])
    source.wake()
    assert await task == ["a", "b"]


@pytest.mark.usefixtures("debug")
@pytest.mark.parametrize("inside", [False, True], ids=["as a task", "inside of one"])
async def test_a_cancelled_recv_loses_no_message(twin: ModuleType, inside: bool) -> None:
    inbox, source = twin.Inbox(), Futures()

    async def receive() -> Data:
        message: Data = await inbox.recv(source)
        return message

    for late in (False, True):
        task = asyncio.ensure_future(receive() if inside else inbox.recv(source))
        await turn()
        if late:
            inbox.put(["a"])
            source.wake()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not inbox.taken
    assert await inbox.recv(source) == "a"


@pytest.mark.usefixtures("debug")
async def test_recv_that_takes_too_long(twin: ModuleType) -> None:
    inbox = twin.Inbox()
    with pytest.raises(asyncio.TimeoutError):
        await asyncio.wait_for(inbox.recv(Futures()), 0.001)
    assert not inbox.taken


@pytest.mark.usefixtures("debug")
async def test_a_second_task_is_refused(twin: ModuleType) -> None:
    inbox, source = twin.Inbox(), Futures()
    task = asyncio.ensure_future(inbox.recv(source))
    await turn()
    with pytest.raises(RuntimeError, match=ALONE):
        await inbox.recv(source)
    inbox.put(["a"])
    source.wake()
    assert await task == "a"


@pytest.mark.usefixtures("debug")
async def test_async_for_takes_all_messages(twin: ModuleType) -> None:
    inbox = filled(twin, "a", b"b")
    found = []
    source = Source(lambda: inbox.put(["c"]), ConnectionClosedOK(1001, ""))
    async for message in inbox.messages(source):
        found.append(message)
    assert found == ["a", b"b", "c"]
    with pytest.raises(ConnectionClosedError):
        _ = [_ async for _ in inbox.messages(Source(ConnectionClosedError(1006, "")))]


@pytest.mark.usefixtures("debug")
async def test_async_for_waits_and_can_be_cancelled(twin: ModuleType) -> None:
    inbox, source, found = filled(twin, "a"), Futures(), []

    async def iterate() -> None:
        async for message in inbox.messages(source):
            found.append(message)

    task = asyncio.ensure_future(iterate())
    await turn()
    inbox.put(["b"])
    source.wake()
    await turn()
    assert (found, inbox.taken) == (["a", "b"], True)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not inbox.taken


@pytest.mark.skipif(sys.version_info < (3, 10), reason="anext() came with 3.10")
async def test_anext_gives_the_next_message(twin: ModuleType) -> None:
    take = builtins.anext  # type: ignore[attr-defined, unused-ignore]
    end = ConnectionClosedOK(1000, "")
    messages = filled(twin, "a", "b").messages(Source(end, end))
    assert await take(messages) == "a"
    assert await take(messages, "default") == "b"
    assert await take(messages, "default") == "default"
    with pytest.raises(StopAsyncIteration):
        await take(messages)
