"""The health checks of ``docs/examples/health``, and how its server ends."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import ws_asyncio

if TYPE_CHECKING:
    from tests.examples.conftest import RunExample


async def test_it_says_that_it_is_alive_and_ready(run_example: RunExample) -> None:
    server = await run_example("health/server.py", ready="is there")
    for path, body in [("/healthz", "alive\n"), ("/readyz", "ready\n")]:
        head, found = await server.get(path)
        assert head.startswith("HTTP/1.1 200 ")
        assert found == body
    head, _ = await server.get("/")
    assert head.startswith("HTTP/1.1 426 ")
    await server.stop()


async def test_it_drains_before_it_ends(run_example: RunExample) -> None:
    server = await run_example("health/server.py", ready="is there", DRAIN="3600")
    async with ws_asyncio.connect(f"ws://localhost:{server.port}/") as ws:
        server.process.send_signal(signal.SIGTERM)
        await server.expect("unready; ends in 3600 seconds")
        head, body = await server.get("/readyz")
        assert head.startswith("HTTP/1.1 503 ")
        assert body == "draining\n"
        head, _ = await server.get("/healthz")
        assert head.startswith("HTTP/1.1 200 ")
        await ws.send("still there?")
        assert await ws.recv() == "still there?"
        await server.stop()


async def test_it_says_goodbye_when_it_has_drained(run_example: RunExample) -> None:
    server = await run_example("health/server.py", ready="is there", DRAIN="0")
    async with ws_asyncio.connect(f"ws://localhost:{server.port}/") as ws:
        await server.stop(signal.SIGTERM)
        await ws.wait_closed()
        assert (ws.close_code, ws.close_reason) == (1012, "coming back soon")
