"""The guide to logging: what the programs print is what the page says."""

from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect
from ws_asyncio.testing import connected_pair
from ws_frames import ConnectionClosedError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


async def test_lines_tell_connections_apart(guide: Guide) -> None:
    server = await guide.serve()
    async with connect(guide.uri()) as first, connect(guide.uri()) as second:
        for ws in (first, second):
            await ws.send("Hello")
            await ws.recv()
        await second.send("crash")
        with pytest.raises(ConnectionClosedError) as info:
            await second.recv()
        assert info.value.code == 1011
        await first.send("Hello")
        await first.recv()
    await server.end()
    output = server.take_output()
    connected = re.findall(r"^INFO (\w{8}) connected from", output, re.MULTILINE)
    assert len(set(connected)) == 2
    assert f"ERROR {connected[1]} connection handler failed" in output
    assert guide.says("`connection handler failed`")
    assert "ValueError: as you wish" in output


async def test_without_a_host_the_line_is_that_of_the_page(guide: Guide) -> None:
    server = await guide.serve()
    reader, writer = await asyncio.open_connection("127.0.0.1", guide.port)
    writer.write(b"GET / HTTP/1.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
    await reader.read()
    writer.close()
    await writer.wait_closed()
    line = await server.expect("no connection: missing")
    assert guide.says(f"`{line.split(' ', 2)[2]}`"), line


async def test_debug_shows_what_the_page_shows(guide: Guide) -> None:
    await guide.serve()
    printed = (await guide.run("debug.py", guide.uri())).replace(str(guide.port), "8765")
    block = guide.page.partition("```text\n")[2].partition("```")[0]
    shown = [line for line in block.splitlines() if line != "…"]
    lines = printed.splitlines()
    positions = [lines.index(line) for line in shown]
    assert positions == sorted(positions)


async def test_a_blocked_event_loop_is_named(guide: Guide) -> None:
    guide.change("server.py", "raise ValueError", "__import__('time').sleep(0.15)  # ")
    server = await guide.serve()
    async with connect(guide.uri()) as ws:
        await ws.send("crash")
        assert await ws.recv() == "crash"
    line = await server.expect(" took 0.1")
    assert "Executing <Task" in line or "Executing <Handle" in line


async def test_a_forgotten_await_is_warned_of(guide: Guide) -> None:
    async with connected_pair() as (client, _):
        with pytest.warns(RuntimeWarning, match="never awaited") as caught:
            client.send("Hello")  # type: ignore[unused-coroutine]
    assert guide.says(f"`RuntimeWarning: {caught[0].message}`")
