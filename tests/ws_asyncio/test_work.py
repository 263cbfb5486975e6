"""How much work is enough for a turn."""

from __future__ import annotations

import asyncio
from unittest.mock import Mock

from ws_asyncio.work import HALF, MOST, PARSING, Work


async def test_it_is_enough_at_a_bound() -> None:
    work = Work(asyncio.get_running_loop())
    work.add(MOST - 1)
    assert not work.is_enough()
    work.add(1)
    assert work.is_enough()


async def test_each_turn_begins_anew() -> None:
    work = Work(asyncio.get_running_loop())
    for _ in range(3):
        assert not work.is_enough()
        work.add(PARSING)
        work.add(PARSING)
        assert work.is_enough()
        await asyncio.sleep(0)
        assert not work.is_enough()


async def test_a_turn_can_begin_early() -> None:
    work = Work(asyncio.get_running_loop())
    work.add(MOST)
    work.begin_turn()
    assert not work.is_enough()


def test_half_of_a_turn_takes_no_callback() -> None:
    loop = Mock(spec=asyncio.AbstractEventLoop)
    work = Work(loop)
    work.add(HALF - 1)
    loop.call_soon.assert_not_called()
    work.add(1)
    work.add(1)
    loop.call_soon.assert_called_once_with(work.begin_turn)


async def test_what_takes_no_callback_is_carried_over() -> None:
    work = Work(asyncio.get_running_loop())
    work.add(HALF - 1)
    await asyncio.sleep(0)
    work.add(MOST - (HALF - 1))
    assert work.is_enough()
    await asyncio.sleep(0)
    assert not work.is_enough()
