"""Fragmented messages to send: whose turn it is, and where the fragments come from."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from ws_asyncio.fragments import Turn, iterate
from ws_asyncio.testing import memory_transports
from ws_frames import Inbox, Outbox

pytestmark = pytest.mark.usefixtures("clock")


def make_turn() -> Turn:
    loop = asyncio.get_running_loop()
    transport = memory_transports()[0]
    return Turn(loop, Outbox(transport, loop.call_soon, Inbox()))


async def start(coro: Any) -> asyncio.Task[Any]:
    task: asyncio.Task[Any] = asyncio.ensure_future(coro)
    await asyncio.sleep(0)
    return task


# Whose turn it is


async def test_nobody_waits_for_a_turn_that_is_free() -> None:
    turn = make_turn()
    assert not turn.taken
    await turn.wait()


async def test_a_turn_is_taken_until_it_is_given_back() -> None:
    turn = make_turn()
    with turn:
        taken = turn.taken
        task = await start(turn.wait())
        waiting = not task.done()
    assert (taken, waiting, turn.taken) == (True, True, False)
    await task


async def test_a_turn_is_given_back_after_an_exception_too() -> None:
    turn = make_turn()
    with pytest.raises(ValueError, match=r"^mine$"), turn:
        raise ValueError("mine")
    assert not turn.taken


async def test_several_may_wait_and_one_may_take_the_turn_before_the_next() -> None:
    turn = make_turn()
    order = []

    async def take(name: str) -> None:
        while turn.taken:
            await turn.wait()
        with turn:
            order.append(f"{name} takes")
            await asyncio.sleep(1)
            order.append(f"{name} gives")

    tasks = [await start(take(name)) for name in "abc"]
    await asyncio.gather(*tasks)
    assert order == ["a takes", "a gives", "b takes", "b gives", "c takes", "c gives"]


async def test_one_who_no_longer_waits_lets_the_others_wait() -> None:
    turn = make_turn()
    with turn:
        tasks = [await start(turn.wait()), await start(turn.wait())]
        tasks[0].cancel()
        with pytest.raises(asyncio.CancelledError):
            await tasks[0]
        await asyncio.sleep(1)
        assert not tasks[1].done()
    await tasks[1]


async def test_who_waits_may_be_let_go_before_the_turn_is_given_back() -> None:
    turn = make_turn()
    with turn:
        task = await start(turn.wait())
        turn.end()
        await task
        assert turn.taken
        await turn.wait()
    assert not turn.taken


async def test_what_is_to_be_done_at_the_end_is_done_in_order() -> None:
    turn = make_turn()
    done = []
    with turn:
        turn.call_at_end(lambda: done.append((1, turn.taken)), 10)
        turn.call_at_end(lambda: done.append((2, turn.taken)), 20)
        backlog = turn.backlog
        assert done == []
    assert done == [(1, False), (2, False)]
    assert (backlog, turn.backlog) == (30, 0)
    with turn:
        pass
    assert len(done) == 2


async def test_what_fails_at_the_end_keeps_nothing_else_from_being_done(
    loop_errors: list[str],
) -> None:
    turn = make_turn()
    done = []
    with turn:
        turn.call_at_end(lambda: 1 // 0, 10)
        turn.call_at_end(lambda: done.append(2), 20)
    assert done == [2]
    (message,) = loop_errors
    loop_errors.clear()
    assert message.startswith("exception behind a fragmented message\n")
    assert "ZeroDivisionError" in message


# Where the fragments come from


async def agen(*items: Any) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


def gen(*items: Any) -> Iterator[Any]:
    yield from items


class Countdown:
    """An asynchronous iterator that isn't a generator."""

    def __init__(self) -> None:
        self.left = 2

    def __aiter__(self) -> Countdown:
        return self

    async def __anext__(self) -> str:
        if not self.left:
            raise StopAsyncIteration
        self.left -= 1
        return str(self.left)


@pytest.mark.parametrize(
    ("make", "items"),
    [
        (lambda: ["a", "b"], ["a", "b"]),
        (lambda: ("a",), ["a"]),
        (list, []),
        (lambda: gen(b"a", b"b"), [b"a", b"b"]),
        (lambda: {"a": 1}.keys(), ["a"]),
        (lambda: agen("a", "b"), ["a", "b"]),
        (lambda: agen(), []),
        (lambda: Countdown(), ["1", "0"]),
    ],
)
async def test_fragments_come_from_iterables_of_both_kinds(make: Any, items: list[Any]) -> None:
    assert [item async for item in iterate(make())] == items


@pytest.mark.parametrize("message", [5, None, 1.5, object(), b"".join])
async def test_what_is_no_iterable_is_refused(message: Any) -> None:
    expected = f"must be str, bytes-like, or an iterable of these, not {type(message).__name__}$"
    with pytest.raises(TypeError, match=expected):
        await iterate(message).__anext__()


async def test_a_dict_is_refused() -> None:
    with pytest.raises(TypeError, match=r"^message is a dict; send its JSON"):
        await iterate({"a": "b"}).__anext__()


async def test_exceptions_of_the_iterable_pass() -> None:
    def failing() -> Iterator[str]:
        yield "a"
        raise ValueError("mine")

    fragments = iterate(failing())
    assert await fragments.__anext__() == "a"
    with pytest.raises(ValueError, match=r"^mine$"):
        await fragments.__anext__()
