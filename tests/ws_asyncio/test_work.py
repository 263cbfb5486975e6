"""How much work is enough for a turn."""

from __future__ import annotations

import asyncio

from ws_asyncio.work import MOST, PARSING, Work


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
