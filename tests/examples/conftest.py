"""How the tests get at the examples, which are scripts and no packages."""

from __future__ import annotations

import asyncio
import importlib.util
import inspect
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, Callable, TypeVar

import pytest

from interop.plugin import bounded

if TYPE_CHECKING:
    from tests.conftest import TakePort

EXAMPLES = Path(__file__).resolve().parents[2] / "docs" / "examples"

#: Seconds that nothing here takes unless something is wrong; Django takes some to begin with.
PATIENCE = 60

T = TypeVar("T")

LoadExample = Callable[[str], ModuleType]


async def soon(awaitable: Awaitable[T]) -> T:
    return await asyncio.wait_for(awaitable, PATIENCE)


def pytest_itemcollected(item: pytest.Item) -> None:
    """Let no test wait for ever for what a program does."""
    if isinstance(item, pytest.Function) and inspect.iscoroutinefunction(item.obj):
        item.obj = bounded(item.obj)


@pytest.fixture
def load_example(monkeypatch: pytest.MonkeyPatch) -> LoadExample:
    """Import an example anew, such as ``room/server.py``, without running it."""

    def load(name: str) -> ModuleType:
        spec = importlib.util.spec_from_file_location(f"example_{Path(name).stem}", EXAMPLES / name)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, spec.name, module)  # dataclasses look there
        spec.loader.exec_module(module)
        return module

    return load


class Example:
    """An example that runs as a person would run it."""

    def __init__(self, process: Process, port: int) -> None:
        self.process = process
        #: The port that it was told to listen on.
        self.port = port
        #: All lines that it wrote until now.
        self.lines: list[str] = []

    async def line(self) -> str:
        """Wait for its next line of output; empty at the end."""
        assert self.process.stdout is not None
        line = (await soon(self.process.stdout.readline())).decode().rstrip("\n")
        self.lines.append(line)
        return line

    async def expect(self, words: str) -> str:
        """Wait for a line that holds these words."""
        while words not in (line := await self.line()):
            if not line:
                pytest.fail("\n".join([*self.lines, await self._errors()]))
        return line

    async def result(self) -> tuple[int, str, str]:
        """Wait until it ends; gives its exit status, the rest of its output, and its errors."""
        assert self.process.stdout is not None
        rest = (await soon(self.process.stdout.read())).decode()
        return await soon(self.process.wait()), rest, await self._errors()

    async def stop(self, number: signal.Signals = signal.SIGINT) -> str:
        """Press ^C, and see that it ends as it should; gives the rest of its output."""
        self.process.send_signal(number)
        status, rest, errors = await self.result()
        assert status == 0, errors
        # Before Python 3.11, ^C interrupts whatever runs just then, and asyncio logs that.
        if sys.version_info >= (3, 11) or number != signal.SIGINT:
            assert errors == ""
        return rest

    async def get(self, path: str, *headers: str) -> tuple[str, str]:
        """Ask for something over HTTP; gives head and body of the answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        lines = [f"GET {path} HTTP/1.1", f"Host: localhost:{self.port}", *headers, "", ""]
        writer.write("\r\n".join(lines).encode())
        answer = await soon(reader.read())
        writer.close()
        await writer.wait_closed()
        head, _, body = answer.decode().partition("\r\n\r\n")
        return head, body

    async def _errors(self) -> str:
        assert self.process.stderr is not None
        return (await soon(self.process.stderr.read())).decode()


RunExample = Callable[..., Awaitable[Example]]


@pytest.fixture
async def run_example(take_port: TakePort) -> AsyncIterator[RunExample]:
    """Run ``python docs/examples/NAME``; it is told a free port, unless there are other arguments
    or a port that it knows.

    A server has a line of output when it is ready, which ``ready`` is a part of.
    """
    if sys.platform == "win32":
        pytest.skip("signals are different there")
    examples: list[Example] = []

    async def run(
        name: str | Path,
        *arguments: object,
        ready: str | None = None,
        port: int | None = None,
        warnings: str = "error",
        **environment: Any,
    ) -> Example:
        if port is None and not arguments:
            port = take_port()
            arguments = (port,)
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-W",
            warnings,
            EXAMPLES / name,
            *map(str, arguments),
            stdout=PIPE,
            stderr=PIPE,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **environment},
        )
        examples.append(Example(process, port or 0))
        if ready is not None:
            await examples[-1].expect(ready)
        return examples[-1]

    yield run
    for example in examples:
        if example.process.returncode is None:
            example.process.kill()
        await example.process.communicate()
