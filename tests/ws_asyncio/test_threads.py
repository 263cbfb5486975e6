"""Calls that block."""

from __future__ import annotations

import asyncio
import threading

import pytest

from ws_asyncio.interactive.threads import in_thread


def join_others(before: set[threading.Thread]) -> None:
    for thread in set(threading.enumerate()) - before:
        thread.join(20)


async def test_the_result_comes_back() -> None:
    assert await in_thread(lambda: "done") == "done"


async def test_an_error_comes_back() -> None:
    def fail() -> None:
        raise ValueError("why")

    with pytest.raises(ValueError, match="why"):
        await in_thread(fail)


async def test_the_event_loop_goes_on_meanwhile() -> None:
    event = threading.Event()
    future = in_thread(lambda: event.wait(20))
    await asyncio.sleep(0)
    assert not future.done()
    event.set()
    assert await future


async def test_cancelling_leaves_the_call_alone() -> None:
    before = set(threading.enumerate())
    event = threading.Event()
    future = in_thread(lambda: event.wait(20))
    future.cancel()
    event.set()
    join_others(before)
    await asyncio.sleep(0)
    assert future.cancelled()


def test_a_call_may_outlast_the_event_loop() -> None:
    before = set(threading.enumerate())
    event = threading.Event()

    async def leave() -> None:
        in_thread(lambda: event.wait(20))

    loop = asyncio.new_event_loop()
    loop.run_until_complete(leave())
    loop.close()
    waiting = set(threading.enumerate()) - before
    assert [thread.daemon for thread in waiting] == [True]
    event.set()
    join_others(before)
