"""The guide to moving from other libraries: each thing that it says to write here is done."""

from __future__ import annotations

import ast
import asyncio
import builtins
import inspect
import json
import re
import socket
import ssl
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

import pytest

from ws_asyncio import (
    WebSocketServer,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    broadcast,
    connect,
    serve,
)
from ws_frames import ConnectionClosed, ConnectionClosedOK
from ws_http import InvalidStatusCode

PAGE = Path(__file__).resolve().parents[3] / "docs" / "howto" / "other-libraries.md"
ROW = re.compile(r"^\| (?P<there>`.*) \| (?:`(?P<here>.+)` )?\|(?P<note>.*)\|$", re.MULTILINE)


def rows() -> list[tuple[str, str]]:
    """What was written there, and what is to be written here, in each row."""
    text = PAGE.read_text(encoding="utf-8")
    return [(match["there"], match["here"]) for match in ROW.finditer(text) if match["here"]]


async def handler(ws: WebSocketServerProtocol) -> None:
    """Say something that is JSON, and go when told to."""
    await ws.send("[1, 2]")
    async for message in ws:
        if message == "bye":
            return


async def run(source: str, names: dict[str, Any]) -> Any:
    """Run a piece of Python, which may await; gives what its last expression gives."""
    tree = ast.parse(source)
    last = tree.body[-1]
    if isinstance(last, ast.Expr):
        tree.body[-1] = ast.copy_location(
            ast.Assign([ast.Name("result", ast.Store())], last.value), last
        )
        ast.fix_missing_locations(tree)
    code: CodeType = compile(tree, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    names["__builtins__"] = builtins  # which Python 3.9 doesn't put there
    done = FunctionType(code, names)()
    if inspect.isawaitable(done):
        await done
    return names.get("result")


@pytest.mark.parametrize(("there", "here"), rows(), ids=[there for there, _ in rows()])
async def test_what_to_write_here_runs(there: str, here: str) -> None:
    async with serve(handler, "127.0.0.1", 0) as server:
        assert server.sockets is not None
        address = server.sockets[0].getsockname()
        uri = f"ws://127.0.0.1:{address[1]}"
        async with connect(uri) as ws:
            names: dict[str, Any] = {
                "ws": ws,
                "uri": uri,
                "host": "127.0.0.1",
                "port": 0,
                "handler": handler,
                "connect": connect,
                "serve": serve,
                "broadcast": broadcast,
                "server": server,
                "asyncio": asyncio,
                "json": json,
                "ssl": ssl,
                "text": "text",
                "data": b"data",
                "message": "message",
                "value": {"a": 1},
                "connections": server.connections,
                "exc": ConnectionClosedOK(1000, ""),
                "ConnectionClosed": ConnectionClosed,
                "InvalidStatusCode": InvalidStatusCode,
                "WebSocketServerProtocol": WebSocketServerProtocol,
                "basic_auth_protocol_factory": basic_auth_protocol_factory,
            }
            if "sock=sock" in here:
                names["sock"] = socket.create_connection(address)
            if "async for" in here or "wait_closed" in here:
                await ws.send("bye")
            result = await asyncio.wait_for(run(here, names), 20)
            await check(here, result, ws)


async def check(here: str, result: Any, ws: Any) -> None:
    """See that the result is what it should be, and close it."""
    if isinstance(result, WebSocketServer):
        result.close()
        await result.wait_closed()
    elif here.startswith("await connect("):
        assert result.open
        await result.close()
    elif here == "await ws.recv()":
        assert result == "[1, 2]"
    elif here.startswith("json.loads"):
        assert result == [1, 2]
    elif here.startswith("isinstance("):
        assert result is True
    elif "ws.close(4000" in here:
        assert ws.close_code == 4000
    elif here == "await (await ws.ping())":
        assert result > 0


def test_all_rows_were_found() -> None:
    text = PAGE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(ROW.findall(text)) == len(lines) >= 60
    without = [match["there"] for match in ROW.finditer(text) if not match["here"]]
    assert without == ["`websockets.sync.client.connect(uri)`"]
