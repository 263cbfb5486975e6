"""What the tests of the guides share: each guide's page, its programs, and what runs these."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TypeVar

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGES = ROOT / "docs" / "howto"
PROGRAMS = ROOT / "docs" / "examples" / "howto"
CERTIFICATE = ROOT / "tests" / "ws_asyncio" / "localhost.pem"

#: The port in the programs; each test has another one.
PORT = "8765"

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 30

# Debug mode tells how long a step took. The first one that uses a name imports what has it.
SLOW = re.compile(r"^(WARNING.*)?Executing .* took [0-9.]+ seconds\n", re.MULTILINE)

#: What makes a request one for a WebSocket.
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec_WebSocket_Version": "13",
    "Sec_WebSocket_Key": "dGhlIHNhbXBsZSBub25jZQ==",
}

T = TypeVar("T")


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, PATIENCE)


class Program:
    """A program that runs, and what it has written, to stderr too."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self._written = ""
        self._seen = 0
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.process.stdout is not None
        while data := await self.process.stdout.read(65_536):
            self._written += data.decode()
            self._changed.set()

    @property
    def output(self) -> str:
        """All of it, but for what debug mode says of the time."""
        return SLOW.sub("", self._written)

    def take_output(self) -> str:
        """Give what was written, and forget it: errors in it were wanted."""
        output, self._written, self._seen = self.output, "", 0
        return output

    async def expect(self, words: str) -> str:
        """Wait until these words are written behind what was expected before; gives their line."""
        while (found := self._written.find(words, self._seen)) < 0:
            self._changed.clear()
            changed = asyncio.ensure_future(self._changed.wait())
            await asyncio.wait(
                [changed, self._reading], timeout=PATIENCE, return_when="FIRST_COMPLETED"
            )
            if not changed.done():
                changed.cancel()
                pytest.fail(f"no {words!r} in {self._written!r}")
        start = self._written.rfind("\n", 0, found) + 1
        self._seen = found + len(words)
        return self._written[start:].partition("\n")[0]

    async def listens(self, port: int) -> None:
        """Wait until it listens at a port."""
        for _ in range(PATIENCE * 50):
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                ended, _ = await asyncio.wait([self._reading], timeout=0.02)
                if ended:
                    break
            else:
                writer.close()
                return
        pytest.fail(f"nobody listens; it wrote {self._written!r}")

    async def end(self, number: int | None = signal.SIGTERM) -> int:
        """Tell it to end, unless it does so by itself; gives its exit status once it has."""
        if number is not None and self.process.returncode is None:
            self.process.send_signal(number)
        try:
            await soon(self._reading)
            return await soon(self.process.wait())
        finally:
            if self.process.returncode is None:
                self.process.kill()
                await self.process.wait()


@contextmanager
def reserved_port() -> Iterator[int]:
    """Keep a port for somebody who will listen at it while this goes on."""
    with socket.socket() as sock:
        # Two sockets with this option can have one port, as long as only one of them listens.
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind(("127.0.0.1", 0))
        yield sock.getsockname()[1]


class Guide:
    """One guide: its page, and a copy of its programs to run."""

    def __init__(self, name: str, folder: Path, port: int) -> None:
        self.name = name
        self.port = port
        self.folder = folder / name
        #: Whether the programs run in debug mode.
        self.debug = True
        self.page = PAGES.joinpath(f"{name.replace('_', '-')}.md").read_text(encoding="utf-8")
        self._programs: list[Program] = []
        if PROGRAMS.joinpath(name).is_dir():
            shutil.copytree(PROGRAMS / name, self.folder)
            for path in self.folder.rglob("*.*"):
                if path.suffix == ".py":
                    self._change(path, PORT, str(port))

    def uri(self, path: str = "/") -> str:
        return f"ws://127.0.0.1:{self.port}{path}"

    def change(self, file: str, old: str, new: str) -> None:
        """Change something in the copy of a program; it has to be there."""
        text = self.folder.joinpath(file).read_text(encoding="utf-8")
        assert old in text, f"no {old!r} in {file}"
        self._change(self.folder / file, old, new)

    @staticmethod
    def _change(path: Path, old: str, new: str) -> None:
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(old, new), encoding="utf-8")

    async def start(
        self, file: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> Program:
        """Start a program of the guide; warnings are errors in it."""
        debug = ["-X", "dev"] if self.debug else []
        command = [sys.executable, "-W", "error", *debug, file, *arguments]
        return await self.launch(*command, environment=environment)

    async def launch(self, *command: str, environment: dict[str, str] | None = None) -> Program:
        """Start any program, in the folder of the guide's."""
        process = await asyncio.create_subprocess_exec(
            *command,
            cwd=self.folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        program = Program(process)
        self._programs.append(program)
        return program

    async def serve(
        self, file: str = "server.py", *arguments: str, environment: dict[str, str] | None = None
    ) -> Program:
        """Start a server of the guide, and wait until it listens."""
        program = await self.start(file, *arguments, environment=environment)
        await program.listens(self.port)
        return program

    async def run(
        self, file: str, *arguments: str, environment: dict[str, str] | None = None
    ) -> str:
        """Run a program to its end, which has to be a good one; gives what it wrote."""
        program = await self.start(file, *arguments, environment=environment)
        status = await program.end(None)
        assert status == 0, program.output
        return program.output

    async def upgrade(self, **headers: str) -> tuple[int, dict[str, str], str]:
        """Ask for a WebSocket, which the server has to refuse; gives what get() does."""
        return await self.get(**UPGRADE, **headers)

    async def get(self, path: str = "/", **headers: str) -> tuple[int, dict[str, str], str]:
        """Make an HTTP request; gives status, headers by their names in lower case, and body."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        head = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{self.port}", *lines, "", ""]
        writer.write("\r\n".join(head).encode())
        answer = (await soon(reader.read())).decode()
        writer.close()
        await writer.wait_closed()
        first, _, rest = answer.partition("\r\n")
        fields, _, body = rest.partition("\r\n\r\n")
        pairs = [field.partition(": ") for field in fields.split("\r\n")]
        return int(first.split()[1]), {name.lower(): value for name, _, value in pairs}, body

    def says(self, message: str) -> bool:
        """Tell whether the page has a message, however its lines are broken.

        The advice that some of them end with, behind a semicolon, needn't be there.
        """
        page = " ".join(self.page.split())
        words = " ".join(message.split())
        return words in page or words.partition("; ")[0] in page

    async def close(self) -> None:
        # What was started last may need what was started before.
        for program in reversed(self._programs):
            await program.end()
            assert "Traceback" not in program.output, program.output
            assert "Warning" not in program.output, program.output


@pytest.fixture
async def guide(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Guide]:
    """The guide that the test module is called after."""
    name = request.path.stem[len("test_") :]
    with ExitStack() as stack:
        guide = Guide(name, tmp_path, stack.enter_context(reserved_port()))
        try:
            yield guide
        finally:
            await guide.close()


@pytest.fixture
def free_ports() -> Iterator[list[int]]:
    """Two more ports at which nobody listens, unless the test makes somebody."""
    with reserved_port() as first, reserved_port() as second:
        yield [first, second]


@pytest.fixture
def certificate() -> Path:
    """A certificate for localhost, and its key, in one file."""
    return CERTIFICATE
