"""The first server and client of ``docs/examples/quickstart``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import ws_asyncio

if TYPE_CHECKING:
    from tests.examples.conftest import RunExample


async def test_the_client_hears_itself(run_example: RunExample) -> None:
    server = await run_example("quickstart/server.py", ready="is there")
    client = await run_example("quickstart/client.py", "Good morning", server.port)
    assert await client.result() == (0, "Good morning\n", "")
    assert await server.stop() == ""


async def test_the_server_ends_while_a_client_is_connected(run_example: RunExample) -> None:
    server = await run_example("quickstart/server.py", ready="is there")
    async with ws_asyncio.connect(f"ws://localhost:{server.port}/") as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
        await server.stop()
        await ws.wait_closed()
        assert ws.close_code == 1001
