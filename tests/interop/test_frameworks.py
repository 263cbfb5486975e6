"""Frameworks that embedded the API of 9.x, on ours: Uvicorn subclasses it, Sanic drives it by hand.

They are installed in environments of their own, with what they needed in their time. Then
our packages take the place of the foreign one.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import websocket

import websockets

if TYPE_CHECKING:
    from tests.interop.conftest import Program, Start

pytestmark = [pytest.mark.interop, pytest.mark.packaging]

PEERS = Path(__file__).parent / "peers"
ROOT = Path(__file__).resolve().parents[2]

UVICORN = {
    "0.13.4": ["uvicorn==0.13.4", "h11==0.12.0", "click==7.1.2"],
    "0.14.0": ["uvicorn==0.14.0", "h11==0.12.0", "click==7.1.2"],
}
SANIC = {"21.3.4": ["sanic==21.3.4"], "21.6.2": ["sanic==21.6.2"]}


def run(*command: str | Path) -> None:
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    if result.returncode != 0:
        pytest.skip(f"{command[-1]} cannot be installed: {result.stderr.strip()[-300:]}")


@pytest.fixture
def python(request: pytest.FixtureRequest) -> Path:
    """
    The Python of an environment with these distributions, and with our packages.

    It is made before the test begins: how long that takes is no matter of the test.
    """
    requirements: list[str] = request.param
    cache = request.config.cache
    assert cache is not None
    name = f"{requirements[0]}-{sys.implementation.cache_tag}"
    folder = cache.mkdir(name.replace("==", "-"))
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    if not complete.exists():
        run(sys.executable, "-m", "venv", "--clear", folder)
        pip = (python, "-m", "pip", "--disable-pip-version-check")
        run(*pip, "install", "--quiet", *requirements)
        run(*pip, "uninstall", "--quiet", "--yes", "websockets")
        (packages,) = folder.glob("[Ll]ib/**/site-packages")
        sources = sorted(str(path) for path in ROOT.glob("packages/*/src"))
        packages.joinpath("ours.pth").write_text("\n".join(sources), encoding="utf-8")
        complete.touch()
    return python


def each_of(versions: dict[str, list[str]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("python", versions.values(), ids=versions.keys(), indirect=True)


@contextmanager
def dial(uri: str, **options: Any) -> Iterator[websocket.WebSocket]:
    ws = websocket.create_connection(uri, timeout=20, **options)
    try:
        yield ws
    finally:
        ws.shutdown()  # type: ignore[no-untyped-call]


def talk(uri: str) -> None:
    """What a client of another make sees."""
    with dial(uri, subprotocols=["chat"]) as ws:
        assert ws.getsubprotocol() == "chat"
        for message in ["Hello", "é" * 40_000]:
            ws.send(message)
            assert ws.recv() == message
        ws.send_binary(b"\xff" * 300_000)
        assert ws.recv() == b"\xff" * 300_000
        ws.ping("are you there")
        opcode, frame = ws.recv_data_frame(control_frame=True)
        assert (opcode, frame.data) == (websocket.ABNF.OPCODE_PONG, b"are you there")
        ws.send("close me")
        assert ws.recv_data()[0] == websocket.ABNF.OPCODE_CLOSE


async def see_it_close(uri: str) -> None:
    """What our client sees of an end that the server wants."""
    async with websockets.connect(uri) as ws:
        await ws.send("close me")
        with pytest.raises(websockets.ConnectionClosedError, match="code = 4001"):
            await ws.recv()


async def leave(uri: str) -> None:
    async with websockets.connect(uri) as ws:
        await ws.close(1001)


@each_of(UVICORN)
async def test_uvicorn_serves(python: Path, start: Start) -> None:
    program: Program = start(python, PEERS / "uvicorn_echo.py")
    port = program.expect("listens on port")
    uri = f"ws://127.0.0.1:{port}/echo"
    await asyncio.get_running_loop().run_in_executor(None, talk, uri)
    await see_it_close(uri)
    await leave(uri)
    assert program.expect("the client left with") == "1001"
    assert [line for line in program.lines if "Traceback" in line] == []
    with pytest.raises(websockets.InvalidStatusCode, match="403"):
        await websockets.connect(f"ws://127.0.0.1:{port}/refuse")
    with pytest.raises(websockets.InvalidStatusCode, match="500"):
        await websockets.connect(f"ws://127.0.0.1:{port}/raise")
    program.expect("RuntimeError: as you wish")
    async with websockets.connect(uri) as ws:
        program.end()
        with pytest.raises(websockets.ConnectionClosed):
            await ws.recv()


@each_of(SANIC)
async def test_sanic_serves(python: Path, start: Start) -> None:
    program: Program = start(python, PEERS / "sanic_echo.py")
    port = program.expect("listens on port")
    uri = f"ws://127.0.0.1:{port}/echo"
    program.expect("Starting worker")
    await asyncio.get_running_loop().run_in_executor(None, talk, uri)
    await see_it_close(uri)
    await leave(uri)
    assert program.expect("the client left with") == "1001"
    async with websockets.connect(uri) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"
        ended = asyncio.get_running_loop().run_in_executor(None, program.end)
        assert [message async for message in ws] == []
        await ended
    assert [line for line in program.lines if "Traceback" in line] == []
