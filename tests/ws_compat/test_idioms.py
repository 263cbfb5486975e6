"""What asyncio takes again."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from ws_compat.idioms import coroutine, making_event_loops, restore_idioms, taking_coroutines

GENERATOR = '"@coroutine" decorator is deprecated'
WAIT = r"passing of coroutine objects to asyncio.wait\(\) is deprecated"
NO_LOOP = "There is no current event loop"


async def double(number: int) -> int:
    await asyncio.sleep(0)
    return 2 * number


# Coroutines made of generators


async def test_a_generator_function_makes_coroutines() -> None:
    with pytest.warns(DeprecationWarning, match=GENERATOR) as caught:

        @coroutine
        def add(one: int, two: int) -> Generator[Any, Any, int]:
            four = yield from double(one).__await__()
            return int(four + two)

    assert caught[0].filename == __file__
    assert await add(2, two=3) == 7
    assert await asyncio.ensure_future(add(2, 3)) == 7


async def test_any_other_function_makes_coroutines_too() -> None:
    def generate() -> Generator[Any, Any, int]:
        yield
        return 5

    with pytest.warns(DeprecationWarning, match=GENERATOR):
        by_name = coroutine(lambda result: result)
    assert await by_name(3) == 3
    assert await by_name(double(3)) == 6
    assert await by_name(asyncio.ensure_future(double(3))) == 6
    assert await by_name(generate()) == 5


def test_a_coroutine_function_stays_what_it_is() -> None:
    with pytest.warns(DeprecationWarning, match=GENERATOR):
        assert coroutine(double) is double


# asyncio.wait()

taking = taking_coroutines(asyncio.wait)


async def test_coroutines_are_waited_for_at_once() -> None:
    with pytest.warns(DeprecationWarning, match=WAIT) as caught:
        done, pending = await taking([double(1), asyncio.ensure_future(double(2)), double(3)])
    assert caught[0].filename == __file__
    assert sorted(task.result() for task in done) == [2, 4, 6]
    assert pending == set()


@pytest.mark.filterwarnings("error")
async def test_of_futures_nothing_is_said() -> None:
    forever = asyncio.get_running_loop().create_future()
    tasks = {asyncio.ensure_future(double(1)), forever}
    done, pending = await taking(tasks, return_when=asyncio.FIRST_COMPLETED)
    assert [task.result() for task in done] == [2]
    assert pending == {forever}
    assert await taking(iter([forever]), timeout=0) == (set(), {forever})


async def test_what_was_an_error_before_is_still_one() -> None:
    with pytest.raises(ValueError, match=r"[Ee]mpty"):
        await taking([])
    with pytest.raises(TypeError):
        await taking(asyncio.get_running_loop().create_future())
    waits = double(1)
    with pytest.raises(TypeError):
        await taking(waits)
    waits.close()


# asyncio.get_event_loop()


def no_loop() -> asyncio.AbstractEventLoop:
    """As that of Python 3.14, where none was set."""
    raise RuntimeError("There is no current event loop in thread 'MainThread'.")


@pytest.fixture
def set_loops(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[asyncio.AbstractEventLoop]]:
    loops: list[asyncio.AbstractEventLoop] = []
    monkeypatch.setattr(asyncio, "set_event_loop", loops.append)
    yield loops
    for loop in loops:
        loop.close()


def test_the_main_thread_is_given_an_event_loop(
    set_loops: list[asyncio.AbstractEventLoop],
) -> None:
    with pytest.warns(DeprecationWarning, match=NO_LOOP) as caught:
        loop = making_event_loops(no_loop)()
    assert caught[0].filename == __file__
    assert set_loops == [loop]
    assert loop.run_until_complete(double(2)) == 4


@pytest.mark.filterwarnings("error")
def test_where_there_is_one_it_is_given() -> None:
    async def main() -> None:
        running = asyncio.get_running_loop()
        assert making_event_loops(asyncio.get_event_loop)() is running

    asyncio.run(main())


def test_another_thread_is_given_none(set_loops: list[asyncio.AbstractEventLoop]) -> None:
    caught: list[RuntimeError] = []

    def main() -> None:
        try:
            making_event_loops(no_loop)()
        except RuntimeError as exc:
            caught.append(exc)

    thread = threading.Thread(target=main)
    thread.start()
    thread.join()
    assert len(caught) == 1
    assert set_loops == []


# All of them


@pytest.mark.parametrize("version", [(3, 9), (3, 11), (3, 14)])
def test_what_python_still_takes_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, version: tuple[int, int]
) -> None:
    names = ("get_event_loop", "wait")
    before = {name: object() for name in names}
    for name in names:
        monkeypatch.setattr(asyncio, name, asyncio.sleep)
        before[name] = vars(asyncio)[name]
    monkeypatch.setattr(asyncio.events, "get_event_loop", asyncio.events.get_event_loop)
    monkeypatch.setattr(asyncio, "coroutine", coroutine, raising=False)
    monkeypatch.setattr(sys, "version_info", version)
    restore_idioms()
    replaced = {name for name in names if vars(asyncio)[name] is not before[name]}
    assert replaced == {(3, 9): set(), (3, 11): {"wait"}, (3, 14): {*names}}[version]
    assert vars(asyncio)["coroutine"] is coroutine
