"""Programs as they were written for the releases since 2.0, and how they are run.

Each folder holds what people wrote for one major release. The programs run as they are, in a
process of their own, where any warning is an error, but for the one of Python 3.12 and later
that a program in the style of its time, ``asyncio.get_event_loop().run_until_complete(...)``,
can't be without. Of those that use what is deprecated, the warnings are compared with what is
expected: what they say, and where.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Callable, Protocol

import pytest

import websockets

PROGRAMS = Path(__file__).parent

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 20

NO_LOOP = "ignore:There is no current event loop:DeprecationWarning"

# As Python writes it: the place and the text in one line, and then the line of the source.
WARNING = re.compile(
    r"^(?P<file>.+):(?P<line>\d+): DeprecationWarning: (?P<text>.+)\n  .+\n", re.MULTILINE
)

#: What a program is warned of: words of its line, and what is said.
Warned = Sequence["tuple[str, str]"]


class Program:
    """A program that is running."""

    def __init__(self, name: str, process: asyncio.subprocess.Process, warned: Warned) -> None:
        self.path = PROGRAMS / name
        self.process = process
        self.warned = warned

    async def line(self) -> str:
        """The next line that it prints."""
        assert self.process.stdout is not None
        line = await asyncio.wait_for(self.process.stdout.readline(), PATIENCE)
        if not line:
            assert self.process.stderr is not None
            pytest.fail((await self.process.stderr.read()).decode())
        return line.decode().rstrip("\r\n")

    async def uri(self) -> str:
        """Where it listens, from the port at the end of the next line that it prints."""
        return f"ws://127.0.0.1:{(await self.line()).split()[-1]}"

    def type(self, text: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(text.encode())

    async def end(self, status: int, *, number: int | None = None, text: str = "") -> list[str]:
        """Wait until it ends, with a signal or its input ended; gives what else it printed."""
        if number is not None:
            self.process.send_signal(number)
        ended = self.process.communicate(text.encode())
        printed, said = await asyncio.wait_for(ended, PATIENCE)
        self.check_warnings(said.decode())
        assert self.process.returncode == status
        return printed.decode().splitlines()

    def check_warnings(self, said: str) -> None:
        """Check that it wrote just these warnings to standard error, each once a line."""
        source = self.path.read_text(encoding="utf-8").splitlines()
        found = [(source[int(each["line"]) - 1], each["text"]) for each in WARNING.finditer(said)]
        assert {each["file"] for each in WARNING.finditer(said)} <= {str(self.path)}
        assert WARNING.sub("", said) == ""
        unexpected = list(found)
        for words, text in self.warned:
            each = next((each for each in unexpected if words in each[0] and text == each[1]), None)
            assert each is not None, f"no {text!r} at {words!r} in {found}"
            unexpected.remove(each)
        assert unexpected == []


class RunServer(Protocol):
    """Run a program until the end of the block, where SIGTERM ends it."""

    def __call__(
        self, name: str, *arguments: object, warned: Warned = (), **environment: str
    ) -> AbstractAsyncContextManager[Program]: ...


class RunClient(Protocol):
    """Run a program with an input until it ends by itself; gives the lines that it prints."""

    async def __call__(
        self,
        name: str,
        *arguments: object,
        text: str = "",
        warned: Warned = (),
        **environment: str,
    ) -> list[str]: ...


@pytest.fixture
def python() -> Path:
    """The Python that runs the programs: another one where the tests of the wheels say so."""
    return Path(os.environ.get("PROGRAMS_PYTHON", sys.executable))


async def start(
    python: Path,
    name: str,
    arguments: Sequence[object],
    warned: Warned,
    environment: dict[str, str],
) -> Program:
    # The last filter that matches is the one that counts.
    filters = ["error", *(["default::DeprecationWarning"] if warned else []), NO_LOOP]
    process = await asyncio.create_subprocess_exec(
        python,
        *(option for each in filters for option in ("-W", each)),
        PROGRAMS / name,
        *map(str, arguments),
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    return Program(name, process, warned)


@pytest.fixture
def run_server(python: Path) -> RunServer:
    @asynccontextmanager
    async def run(
        name: str, *arguments: object, warned: Warned = (), **environment: str
    ) -> AsyncIterator[Program]:
        program = await start(python, name, arguments, warned, environment)
        try:
            yield program
            if program.process.returncode is None:
                await program.end(-signal.SIGTERM, number=signal.SIGTERM)
        finally:
            if program.process.returncode is None:
                program.process.kill()
                await program.process.wait()

    return run


@pytest.fixture
def run_client(python: Path) -> RunClient:
    async def run(
        name: str,
        *arguments: object,
        text: str = "",
        warned: Warned = (),
        **environment: str,
    ) -> list[str]:
        program = await start(python, name, arguments, warned, environment)
        return await program.end(0, text=text)

    return run


#: Serve a handler; gives the URI.
Serving = Callable[..., "AbstractAsyncContextManager[str]"]


@pytest.fixture
def serving() -> Serving:
    @asynccontextmanager
    async def serving(handler: Callable[..., object], **options: object) -> AsyncIterator[str]:
        async with websockets.serve(handler, "127.0.0.1", 0, **options) as server:
            assert server.sockets
            yield "ws://{}:{}".format(*server.sockets[0].getsockname())

    return serving
