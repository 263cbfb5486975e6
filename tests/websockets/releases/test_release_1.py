"""1.0, of November 14, 2013: the initial public release."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Running


def test_a_client_and_a_server_talk_on_a_loop_that_runs_a_step_at_a_time() -> None:
    # The programs of the time: get_event_loop(), run_until_complete(), and no context managers.

    async def hello(websocket: Any, uri: str) -> None:
        name = await websocket.recv()
        await websocket.send(f"Hello {name}!")

    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(websockets.serve(hello, "localhost", 0))
    assert server.sockets
    port = server.sockets[0].getsockname()[1]
    websocket = loop.run_until_complete(websockets.connect(f"ws://localhost:{port}/"))
    loop.run_until_complete(websocket.send("Ada"))
    assert loop.run_until_complete(websocket.recv()) == "Hello Ada!"
    loop.run_until_complete(websocket.close())
    server.close()
    loop.run_until_complete(server.wait_closed())
    loop.close()


async def test_the_connection_ends_with_the_handler(running: Running) -> None:
    async def handler(websocket: Any, uri: str) -> None:
        await websocket.send("bye")

    async with running(handler) as uri:
        websocket = await websockets.connect(uri)
        assert await websocket.recv() == "bye"
        await websocket.wait_closed()
        assert not websocket.open
        assert websocket.close_code == 1000
