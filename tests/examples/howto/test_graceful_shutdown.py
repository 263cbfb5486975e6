"""The guide to graceful shutdown: what clients see, and that handlers get to their end."""

from __future__ import annotations

import signal
import sys
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect
from ws_frames import ConnectionClosedError

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_handlers_save_what_they_hold(guide: Guide, number: int) -> None:
    server = await guide.serve()
    clients = [await connect(guide.uri()) for _ in range(3)]
    for count, ws in enumerate(clients, 1):
        for _ in range(count):
            await ws.send("keep me")
        await (await ws.ping())  # so that all of it has arrived
    assert await server.end(number) == 0
    for ws in clients:
        assert [message async for message in ws] == []  # ends, and raises nothing
        assert ws.close_code == 1001
    lines = sorted(server.output.splitlines())
    assert lines == [f"saved {count} messages" for count in (1, 2, 3)]
    with pytest.raises(OSError, match=r"refused|Connect call failed"):
        await connect(guide.uri())


async def test_a_handler_that_notices_nothing_is_cut_short(guide: Guide) -> None:
    guide.change("deadline.py", "PATIENCE = 30 ", "PATIENCE = 0.1")
    server = await guide.serve("deadline.py")
    async with connect(guide.uri()) as ws:
        await ws.send("work")
        await (await ws.ping())
        server.process.terminate()
        with pytest.raises(ConnectionClosedError) as info:
            await ws.recv()
    assert (info.value.code, info.value.reason) == (1012, "back in a minute")
    assert await server.end(None) == 0
    assert server.output.splitlines() == ["1 handlers still run", "work was cut short"]


async def test_without_a_handler_of_signals_nothing_is_saved(guide: Guide) -> None:
    guide.change("server.py", "add_signal_handler(number, stop.set)", "time()")
    server = await guide.serve()
    async with connect(guide.uri()) as ws:
        await ws.send("keep me")
        await (await ws.ping())
        assert await server.end() == -signal.SIGTERM
        await ws.wait_closed()
        assert ws.close_code == 1006
    assert server.output == ""


@pytest.mark.skipif(sys.version_info < (3, 11), reason="^C cancels main() from Python 3.11 on")
async def test_an_interrupt_without_a_handler_saves_and_shows_a_traceback(guide: Guide) -> None:
    guide.change("server.py", "add_signal_handler(number, stop.set)", "time()")
    server = await guide.serve()
    async with connect(guide.uri()) as ws:
        await ws.send("keep me")
        await (await ws.ping())
        await server.end(signal.SIGINT)
        await ws.wait_closed()
        assert ws.close_code == 1001
    output = server.take_output()
    assert "saved 1 messages" in output
    assert output.rstrip().endswith("KeyboardInterrupt")
