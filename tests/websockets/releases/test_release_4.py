"""4.0 and 4.0.1, of November 2, 2017."""

from __future__ import annotations

import asyncio
import logging
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Running


async def test_messages_are_compressed_unless_compression_is_none(running: Running) -> None:
    # "Version 4.0 enables compression with the permessage-deflate extension."
    #
    # "If you want to disable compression, add compression=None when calling serve() or connect()."
    for server, client, agreed in [
        ({}, {}, ["permessage-deflate"]),
        ({"compression": None}, {}, []),
        ({}, {"compression": None}, []),
    ]:
        async with running(**server) as uri, websockets.connect(uri, **client) as websocket:
            assert [extension.name for extension in websocket.extensions] == agreed
            await websocket.send("x" * 10_000)
            assert await websocket.recv() == "x" * 10_000


async def test_the_state_has_a_name_of_its_own(running: Running) -> None:
    # "Use protocol.state.name instead of protocol.state_name."
    #
    # The removed attribute is there again.
    async with running() as uri:
        websocket = await websockets.connect(uri)
        assert websocket.state.name == "OPEN"
        await websocket.close()
        assert websocket.state.name == "CLOSED"
        with pytest.deprecated_call(match="use state.name"):
            assert websocket.state_name == "CLOSED"
    with pytest.deprecated_call():
        from websockets.protocol import State
    assert [state.name for state in State] == ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]


async def test_connections_yield_messages(running: Running) -> None:
    # "WebSocketCommonProtocol instances can be used as asynchronous iterators"

    async def handler(websocket: Any, path: str) -> None:
        for message in ("one", b"two", "three"):
            await websocket.send(message)

    async with running(handler) as uri, websockets.connect(uri) as websocket:
        assert [message async for message in websocket] == ["one", b"two", "three"]


async def test_a_server_may_listen_on_a_unix_socket() -> None:
    # "Added unix_serve() for listening on Unix sockets."

    async def handler(websocket: Any, path: str) -> None:
        await websocket.send(path)

    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder, "socket"))
        server = await websockets.unix_serve(handler, path)
        async with websockets.unix_connect(path, "ws://localhost/path") as websocket:
            assert await websocket.recv() == "/path"
        server.close()
        await server.wait_closed()


async def test_a_server_has_its_sockets() -> None:
    # "Added the sockets attribute to the return value of serve()."

    async def handler(websocket: Any, path: str) -> None: ...

    server = await websockets.serve(handler, "127.0.0.1", 0)
    assert server.sockets is not None
    assert [sock.getsockname()[0] for sock in server.sockets] == ["127.0.0.1"]
    server.close()
    await server.wait_closed()
    assert server.sockets is None


async def test_a_connection_that_does_not_close_in_time_is_aborted(deaf: str) -> None:
    # "Aborted connections if they don't close within the configured timeout."
    websocket = await websockets.connect(deaf, close_timeout=0.05)
    await websocket.close()
    assert websocket.close_code == 1006


async def test_cancelling_close_leaves_no_task(running: Running) -> None:
    # "Stopped leaking pending tasks when cancel() is called on a connection while it's being closed."
    before = asyncio.all_tasks()
    async with running() as uri:
        websocket = await websockets.connect(uri)
        closing = asyncio.ensure_future(websocket.close())
        await asyncio.sleep(0)
        closing.cancel()
        await websocket.wait_closed()
        assert closing.cancelled()
    assert asyncio.all_tasks() == before


async def test_failing_a_connection_is_one_line_in_the_log(
    running: Running, caplog: pytest.LogCaptureFixture
) -> None:
    # "Reduced verbosity of "Failing the WebSocket connection" logs."
    caplog.set_level(logging.INFO)
    async with running(max_size=1) as uri, websockets.connect(uri) as websocket:
        await websocket.send("too long")
        await websocket.wait_closed()
    lines = [record for record in caplog.records if "failing the connection" in record.message]
    assert len(lines) == 1
    assert lines[0].levelno == logging.INFO
    assert lines[0].exc_info is None


async def test_server_and_user_agent_can_be_overridden(running: Running) -> None:
    # "Allowed extra_headers to override Server and User-Agent headers."
    async with (
        running(extra_headers={"Server": "mine"}) as uri,
        websockets.connect(uri, extra_headers={"User-Agent": "me"}) as websocket,
    ):
        assert websocket.response_headers.get_all("Server") == ["mine"]
        assert websocket.request_headers.get_all("User-Agent") == ["me"]
