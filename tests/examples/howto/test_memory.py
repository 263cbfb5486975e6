"""The guide to memory: its limits hold, and its program measures what it says."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect
from ws_frames import ConnectionClosedError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

LINE = re.compile(r"^ *([0-9.]+) KiB  (.+)$", re.MULTILINE)


@pytest.mark.skipif(sys.platform != "linux", reason="resident memory is read as Linux shows it")
async def test_the_program_measures_what_the_page_shows(guide: Guide) -> None:
    guide.debug = False  # its objects are larger
    measured = {
        what: float(size) for size, what in LINE.findall(await guide.run("measure.py", "100"))
    }
    shown = {what: float(size) for size, what in LINE.findall(guide.page)}
    assert list(measured) == list(shown)
    # The state of zlib is what counts: 44 KiB, and it is not there without compression.
    idle, *_, compressed = measured.values()
    assert 2 < idle < 30
    assert 25 < compressed - idle < 60


async def test_a_message_over_the_limit_closes(guide: Guide) -> None:
    await guide.serve()
    async with connect(guide.uri()) as ws:
        assert ws.extensions == []
        await ws.send("x" * 2**14)
        await ws.recv()
        await ws.send("x" * (2**14 + 1))
        with pytest.raises(ConnectionClosedError) as info:
            await ws.recv()
    assert info.value.code == 1009
    assert guide.says(f"closed with {info.value.code}")


async def test_one_connection_too_many_is_answered_503(guide: Guide) -> None:
    guide.change("server.py", "50_000", "1")
    await guide.serve()
    async for ws in connect(guide.uri()):  # again until the probe of the port has left
        assert (await guide.get())[0] == 503
        await ws.close()
        break
    assert guide.says("answered with HTTP 503")
