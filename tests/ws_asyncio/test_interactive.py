"""The interactive client on a real terminal, and in real pipes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import serve
from ws_asyncio.server_protocol import WebSocketServerProtocol

if TYPE_CHECKING:
    from tests.conftest import OpenTerminal

CLOSED_OK = "Connection closed: code = 1000 (OK), no reason."


@pytest.fixture(params=["editor", "readline", "dumb"])
def environment(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, str]:
    """The kinds of terminals: with prompt_toolkit, without it, and one that can't do much."""
    if request.param == "editor":
        return {}
    if request.param == "dumb":
        return {"TERM": "dumb"}
    pytest.importorskip("readline")
    tmp_path.joinpath("prompt_toolkit.py").write_text("raise ImportError", encoding="utf-8")
    return {"PYTHONPATH": str(tmp_path)}


class Server:
    """A server that says what arrives, and sends what it is told to."""

    def __init__(self) -> None:
        self.uri = ""
        self.connected: asyncio.Future[WebSocketServerProtocol] = (
            asyncio.get_running_loop().create_future()
        )
        self._received: asyncio.Queue[str | bytes] = asyncio.Queue()

    async def handle(self, ws: WebSocketServerProtocol) -> None:
        self.connected.set_result(ws)
        async for message in ws:
            self._received.put_nowait(message)

    async def receives(self) -> str | bytes:
        return await asyncio.wait_for(self._received.get(), 20)

    async def send(self, message: str | bytes) -> None:
        await (await self.connected).send(message)


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    server = Server()
    async with serve(server.handle, "127.0.0.1", 0) as listener:
        assert listener.sockets is not None
        server.uri = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        yield server


async def test_people_can_talk_on_any_terminal(
    server: Server, open_terminal: OpenTerminal, environment: dict[str, str]
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, **environment)
    await terminal.expect(f"Connected to {server.uri}.")
    await terminal.expect(">")
    terminal.type("hello\r")
    assert await server.receives() == "hello"
    await terminal.expect(">")
    await server.send("\x1b[31mred\x07")
    await terminal.expect(r"< \x1b[31mred\x07")
    await server.send(b"\x00\xff")
    await terminal.expect("< binary, 2 bytes: 00 ff")
    await terminal.expect(">")
    terminal.type("\\hex 00 ff\r")
    assert await server.receives() == b"\x00\xff"
    await terminal.expect(">")
    terminal.type("\x04")
    await terminal.expect(CLOSED_OK)
    assert await terminal.end() == 0
    assert (await server.connected).close_code == 1000


async def test_what_arrives_goes_above_the_line_being_typed(
    server: Server, open_terminal: OpenTerminal, environment: dict[str, str]
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, **environment)
    await terminal.expect(">")
    terminal.type("half")
    await terminal.expect("half")
    await server.send("news")
    await terminal.expect("< news")
    await terminal.expect("> half")
    terminal.type(" a line\r")
    assert await server.receives() == "half a line"


async def test_ctrl_c_ends_it(
    server: Server, open_terminal: OpenTerminal, environment: dict[str, str]
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, **environment)
    await terminal.expect(">")
    terminal.type("half a line\x03")
    await terminal.expect(CLOSED_OK)
    assert await terminal.end() == 0
    assert "Traceback" not in terminal.output


async def test_a_signal_ends_it(
    server: Server, open_terminal: OpenTerminal, environment: dict[str, str]
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, **environment)
    await terminal.expect(">")
    terminal.process.send_signal(signal.SIGTERM)
    await terminal.expect(CLOSED_OK)
    assert await terminal.end() == 0


async def test_the_server_ends_it_while_somebody_types(
    server: Server, open_terminal: OpenTerminal, environment: dict[str, str]
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, **environment)
    await terminal.expect(">")
    terminal.type("half a line")
    await terminal.expect("half a line")
    await (await server.connected).close(4000, "enough \x1b")
    reason = r"code = 4000 (private use), reason = enough \x1b."
    await terminal.expect(f"Connection closed: {reason}")
    assert await terminal.end() == 1
    assert "Traceback" not in terminal.output


async def test_colours_are_for_terminals_that_have_them(
    server: Server, open_terminal: OpenTerminal
) -> None:
    terminal = open_terminal("ws_asyncio", server.uri, NO_COLOR="")
    await server.send("hello")
    await terminal.expect("< hello")
    assert "\x1b[36m<\x1b[0m hello" in terminal.raw


async def run(*arguments: str, data: bytes = b"") -> tuple[int | None, str, str]:
    """Run the client in pipes; gives its exit status and what it wrote."""
    pipe = asyncio.subprocess.PIPE
    command = [sys.executable, "-W", "error", "-m", "ws_asyncio", *arguments]
    process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, stderr=pipe)
    out, err = await asyncio.wait_for(process.communicate(data), 20)
    return process.returncode, out.decode(), err.decode()


async def test_it_works_in_a_pipe(server: Server) -> None:
    async def answer() -> None:
        assert await server.receives() == "question"
        assert await server.receives() == r"\close"
        await server.send("answer\n")
        await (await server.connected).close()

    answering = asyncio.ensure_future(answer())
    status, out, err = await run(server.uri, "--linger", "inf", data=b"question\n\\close\n")
    await answering
    assert (status, out) == (0, "answer\\n\n")
    assert err == f"Connected to {server.uri}.\n{CLOSED_OK}\n"
