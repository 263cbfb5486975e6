"""The guide to systemd: the server with and without its socket, and what systemd says of the units."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from ws_asyncio import connect, serve

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="there is systemd on Linux only")

ACTIVATE = "/usr/bin/systemd-socket-activate"


@pytest.fixture
def mailbox(tmp_path: Path) -> socket.socket:
    """Where the server tells how things stand."""
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sock.bind(str(tmp_path / "n"))
    sock.settimeout(20)
    return sock


async def talk(guide: Guide) -> None:
    async with connect(guide.uri()) as ws:
        await ws.send("Hello")
        assert await ws.recv() == "Hello"


async def test_it_listens_by_itself_where_it_is_started_by_hand(guide: Guide) -> None:
    server = await guide.serve()
    await talk(guide)
    assert await server.end() == 0
    assert server.output == ""


async def test_it_tells_when_it_is_ready_and_when_it_stops(
    guide: Guide, mailbox: socket.socket
) -> None:
    with mailbox:
        server = await guide.start(
            "server.py", environment={"NOTIFY_SOCKET": mailbox.getsockname()}
        )
        assert await asyncio.to_thread(mailbox.recv, 100) == b"READY=1"
        await talk(guide)
        assert await server.end() == 0
        assert await asyncio.to_thread(mailbox.recv, 100) == b"STOPPING=1"


async def test_it_takes_the_socket_that_systemd_listens_on(guide: Guide) -> None:
    if not os.path.exists(ACTIVATE):
        pytest.skip(f"there is no {ACTIVATE}, which comes with systemd")
    # So that it can't help itself.
    guide.change("server.py", str(guide.port), "1")
    environment = [f"--setenv={name}" for name in os.environ]
    command = [
        ACTIVATE,
        f"--listen=127.0.0.1:{guide.port}",
        *environment,
        sys.executable,
        "server.py",
    ]
    program = await guide.launch(*command)
    await program.expect("Listening on")
    await talk(guide)
    assert await program.end() == 0


def verify(*units: Path) -> tuple[int, list[str]]:
    """Give the status of systemd-analyze, and what it says of our units."""
    if shutil.which("systemd-analyze") is None:
        pytest.skip("there is no systemd-analyze, which comes with systemd")
    command = ["systemd-analyze", "verify", "--man=no", *map(str, units)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return result.returncode, [line for line in result.stderr.splitlines() if "chat." in line]


def test_systemd_has_nothing_against_the_units(guide: Guide) -> None:
    # The program has to be there.
    guide.change("chat.service", "/opt/chat/.venv/bin/python", os.path.realpath(sys.executable))
    assert verify(guide.folder / "chat.service", guide.folder / "chat.socket") == (0, [])


def test_systemd_notices_a_mistake(guide: Guide) -> None:
    guide.change("chat.service", "TimeoutStopSec=45", "TimeoutStopSec=soon")
    _, said = verify(guide.folder / "chat.service")
    assert "chat.service:9: Failed to parse time value" in said[0]


def test_the_units_belong_together(guide: Guide) -> None:
    service = guide.folder.joinpath("chat.service").read_text(encoding="utf-8")
    sock = guide.folder.joinpath("chat.socket").read_text(encoding="utf-8")
    server = guide.folder.joinpath("server.py").read_text(encoding="utf-8")
    assert "ExecStart=/opt/chat/.venv/bin/python /opt/chat/server.py" in service
    assert guide.says("`/opt/chat/server.py`")
    listens = re.search(r"ListenStream=(.*):(\d+)", sock)
    assert listens is not None
    assert f'"host": "{listens[1]}"' in server
    assert listens[2] == "8765"


async def test_the_message_of_a_port_in_use_is_that_of_the_page(guide: Guide) -> None:
    async def handler(ws: object) -> None: ...

    async with serve(handler, "127.0.0.1", guide.port):
        server = await guide.start("server.py")
        assert await server.end(None) == 1
        last = server.take_output().splitlines()[-1]
    # How it ends differs between versions of Python.
    said = last.replace(str(guide.port), "8765").partition("): ")[0]
    assert said.startswith("OSError: [Errno 98]")
    assert guide.says(said)
