"""The guide to Unix sockets: its programs, permissions, and what it says of mistakes."""

from __future__ import annotations

import os
import signal
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import WebSocketServerProtocol, unix_connect, unix_serve

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="asyncio has no Unix sockets on Windows"
)

#: The path that the page has for an example.
EXAMPLE = "/run/chat/chat.sock"


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "s")


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


async def test_the_client_talks_to_the_server(guide: Guide, path: str) -> None:
    server = await guide.start("server.py", path)
    await server.expect(f"listening on {path}")
    assert await guide.run("client.py", path) == "Hello\n"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o660


async def test_a_server_takes_the_place_of_one_that_is_gone(guide: Guide, path: str) -> None:
    first = await guide.start("server.py", path)
    await first.expect("listening")
    await first.end(signal.SIGKILL)
    with pytest.raises(ConnectionRefusedError) as refused:
        await unix_connect(path)
    if sys.platform == "linux":  # the number is another one elsewhere
        assert guide.says(f"ConnectionRefusedError: {refused.value}")
    second = await guide.start("server.py", path)
    await second.expect("listening")
    assert await guide.run("client.py", path) == "Hello\n"


async def test_a_second_server_takes_the_place_and_not_the_connections(path: str) -> None:
    first, second = unix_serve(echo, path), unix_serve(echo, path)
    async with first, unix_connect(path) as before, second, unix_connect(path) as after:
        for ws in (before, after):
            await ws.send("Hello")
            assert await ws.recv() == "Hello"


async def test_the_file_stays_before_python_3_13(path: str) -> None:
    async with unix_serve(echo, path):
        pass
    assert os.path.exists(path) == (sys.version_info < (3, 13))


async def test_the_messages_are_those_of_the_page(guide: Guide, path: str) -> None:
    with pytest.raises(FileNotFoundError) as missing:
        await unix_connect(path)
    assert guide.says(f"FileNotFoundError: {missing.value}")
    with pytest.raises(OSError, match="too long") as long:
        await unix_connect(path + 120 * "x")
    assert guide.says(f"OSError: {long.value}")
    Path(path).touch()
    with pytest.raises(OSError, match="already in use") as taken:
        await unix_serve(echo, path)
    if sys.platform == "linux":
        assert guide.says(f"OSError: {taken.value}".replace(path, EXAMPLE))
