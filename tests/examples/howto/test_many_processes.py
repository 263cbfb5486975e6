"""The guide to many processes: each gets connections, and one that dies is started again."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect, serve

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="SO_REUSEPORT spreads connections on Linux only"
)


async def who_answers(guide: Guide) -> int:
    async with connect(guide.uri()) as ws:
        return int(str(await ws.recv()).split()[-1].rstrip("."))


async def see_all(guide: Guide, count: int) -> set[int]:
    """Connect until so many processes have answered; by chance, it takes some tries."""
    seen: set[int] = set()
    for _ in range(1000):
        try:
            seen.add(await who_answers(guide))
        except OSError:  # a process has just ended, and this was in its queue
            continue
        if len(seen) == count:
            return seen
    pytest.fail(f"only {seen} answered")


async def test_a_process_that_dies_is_replaced_and_the_others_go_on(guide: Guide) -> None:
    # From 3.15 on Python warns, in debug mode, of the module that multiprocessing makes.
    guide.debug = sys.version_info < (3, 15)
    guide.change("server.py", "WORKERS = ", "WORKERS = 2  # ")
    guide.change("server.py", "time.sleep(1)", "time.sleep(0)")
    server = await guide.serve()
    before = await see_all(guide, 2)
    kept = await connect(guide.uri())
    survivor = int(str(await kept.recv()).split()[-1].rstrip("."))
    (victim,) = before - {survivor}
    os.kill(victim, signal.SIGKILL)
    await server.expect(f"process {victim} ended: -9")
    await kept.send("still there?")
    assert await kept.recv() == "still there?"
    after = await see_all(guide, 2)
    assert survivor in after
    assert victim not in after
    assert await server.end() == 0
    assert [message async for message in kept] == []
    assert kept.close_code == 1001


async def test_without_the_option_the_port_is_taken(guide: Guide) -> None:
    async def handler(ws: object) -> None: ...

    async with serve(handler, "127.0.0.1", guide.port, reuse_port=True):
        with pytest.raises(OSError, match="address already in use") as info:
            await serve(handler, "127.0.0.1", guide.port)
    said = str(info.value).replace(str(guide.port), "8765").partition("): ")[0]
    assert guide.says(f"OSError: {said}")
