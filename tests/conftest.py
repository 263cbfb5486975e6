"""What the tests of several packages share: event loops, programs on a terminal, and ports for programs."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
import re
import socket
import subprocess
import sys
from collections.abc import Coroutine, Iterator
from contextlib import ExitStack, suppress
from typing import Any, Callable, TypeVar

import pytest
from hypothesis import settings

#: What the tests of interop report; its options have to be known before these are collected.
pytest_plugins = ["interop.plugin"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--thorough",
        type=int,
        default=0,
        metavar="N",
        help="search N steps deeper, and try 10 ** N times as many examples, where tests go by this",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let hypothesis try as many more examples as asked for, and others each time."""
    steps = config.getoption("--thorough")
    if steps:
        more = settings().max_examples * 10**steps
        settings.register_profile("thorough", max_examples=more, derandomize=False, deadline=None)
        settings.load_profile("thorough")


def pytest_collection_finish() -> None:
    """Spare the garbage collector the tests themselves, which hundreds of tests call.

    There are more than 10,000 of them; to go through all that they consist of takes the better
    part of a second.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture
def thorough(request: pytest.FixtureRequest) -> int:
    """How much longer than in the gate a test is to search: 0 for not at all."""
    steps: int = request.config.getoption("--thorough")
    return steps


T = TypeVar("T")

#: Runs a coroutine on an event loop of some kind.
Run = Callable[[Coroutine[Any, Any, T]], T]

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 20

# Becomes the command, with the terminal on its standard input as its own, for ^C to reach it.
TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


class Terminal:
    """A program that runs on a terminal of its own, and what is to be seen on it."""

    def __init__(self, command: list[str], environment: dict[str, str]) -> None:
        import pty

        self._master, slave = pty.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", TAKE_TERMINAL, *command],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        os.close(slave)
        #: All that was written to the terminal.
        self.raw = ""
        self._seen = 0
        self._ended = False
        self._changed = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._master, self._receive)

    def _receive(self) -> None:
        data = b""
        with suppress(OSError):  # EIO: nobody has the terminal open any more
            data = os.read(self._master, 65_536)
        if data:
            self.raw += data.decode()
        else:
            self._ended = True
            asyncio.get_running_loop().remove_reader(self._master)
        self._changed.set()

    @property
    def output(self) -> str:
        """What was written, without escape sequences."""
        return re.sub(r"\x1b\[[?;0-9]*[A-Za-z]", "", self.raw)

    def type(self, text: str) -> None:
        os.write(self._master, text.encode())

    async def expect(self, text: str) -> None:
        """Wait until text is seen behind what was expected before."""
        while (found := self.output.find(text, self._seen)) < 0:
            if self._ended or not await self._change():
                pytest.fail(f"no {text!r} in {self.output[self._seen :]!r}")
        self._seen = found + len(text)

    async def end(self) -> int:
        """Wait until the program ends by itself; gives its exit status."""
        while not self._ended:
            if not await self._change():
                pytest.fail(f"it goes on: {self.output!r}")
        return self.process.wait(PATIENCE)

    async def _change(self) -> bool:
        """Wait for more output, or its end; tell whether that came."""
        self._changed.clear()
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self._changed.wait(), PATIENCE)
        return self._changed.is_set()

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._master)


OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def open_terminal() -> Iterator[OpenTerminal]:
    """Run a module of Python on a terminal: ``open_terminal("websockets", uri)``."""
    pytest.importorskip("pty", reason="terminals are different here")
    terminals: list[Terminal] = []

    def run(module: str, *arguments: str, **environment: str) -> Terminal:
        command = [sys.executable, "-m", module, *arguments]
        # Nothing answers the question where the cursor is, and colours hide the text.
        quiet = {"TERM": "xterm", "NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1", **environment}
        terminals.append(Terminal(command, quiet))
        return terminals[-1]

    yield run
    for terminal in terminals:
        terminal.close()


TakePort = Callable[[], int]


@pytest.fixture
def take_port() -> Iterator[TakePort]:
    """Choose ports of localhost for programs that have to be told theirs."""
    with ExitStack() as reserved:

        def take() -> int:
            with socket.create_server(("127.0.0.1", 0)) as sock:
                port: int = sock.getsockname()[1]
            if sys.platform == "linux":
                # There, who sets SO_REUSEADDR can listen on a port that is bound by somebody who
                # does too, and doesn't listen. The kernel gives it to nobody by itself then.
                held = reserved.enter_context(socket.socket())
                held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                held.bind(("127.0.0.1", port))
            return port

        yield take


class Recorder(logging.Handler):
    """Keeps the messages that a logger is given while a body runs."""

    def __init__(self, logger: str | None, level: int) -> None:
        super().__init__(level)
        self.logger = logging.getLogger(logger)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(self.format(record))

    def __enter__(self) -> list[str]:
        self.logger.addHandler(self)
        return self.messages

    def __exit__(self, *exc_info: object) -> None:
        self.logger.removeHandler(self)


@pytest.fixture
def loop_errors() -> Iterator[list[str]]:
    """What event loops complain about: exceptions that nobody takes, tasks that are lost.

    A test that expects some takes them out of the list.
    """
    with Recorder("asyncio", logging.ERROR) as messages:
        yield messages
    assert messages == []


def python_task(loop: asyncio.AbstractEventLoop, coro: Any, **kwargs: Any) -> asyncio.Task[Any]:
    """Make a task of the class that is written in Python."""
    task: asyncio.Task[Any] = asyncio.tasks._PyTask(coro, loop=loop, **kwargs)  # type: ignore[attr-defined]
    return task


def make_loop(kind: str) -> asyncio.AbstractEventLoop:
    if kind == "uvloop":
        uvloop = pytest.importorskip("uvloop")
        uv: asyncio.AbstractEventLoop = uvloop.new_event_loop()
        return uv
    loop = asyncio.new_event_loop()
    loop.set_debug(kind == "debug")
    if kind == "python tasks":
        loop.set_task_factory(python_task)
    elif kind == "eager tasks":
        loop.set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined, unused-ignore]
    return loop


LOOPS = ["asyncio", "debug", "python tasks", "uvloop"]
if sys.version_info >= (3, 12):
    LOOPS.append("eager tasks")


@pytest.fixture
def loops(
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str], asyncio.AbstractEventLoop]]:
    """Make event loops of a kind, and close them."""
    made: list[asyncio.AbstractEventLoop] = []

    def new(kind: str) -> asyncio.AbstractEventLoop:
        if kind == "python tasks" and sys.version_info >= (3, 14):
            # asyncio without its C has this; the other knows tasks that are in C only.
            current_task = asyncio.tasks._py_current_task  # type: ignore[attr-defined, unused-ignore]
            for module in (asyncio, asyncio.tasks):
                monkeypatch.setattr(module, "current_task", current_task)
        made.append(make_loop(kind))
        return made[-1]

    yield new
    for loop in made:
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()


@pytest.fixture(params=LOOPS)
def run(
    request: pytest.FixtureRequest, loops: Callable[[str], asyncio.AbstractEventLoop]
) -> Run[Any]:
    """Run a coroutine on one of the kinds of event loops and tasks that there are."""
    loop = loops(request.param)

    def run(main: Coroutine[Any, Any, T]) -> T:
        task = loop.create_task(main)
        # Nothing waits for real time; a test that fails must not hang.
        timer = loop.call_later(30, task.cancel)
        try:
            return loop.run_until_complete(task)
        finally:
            timer.cancel()

    return run


@pytest.fixture
def no_gc() -> Iterator[None]:
    """Switch the collection of cyclic garbage off."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
