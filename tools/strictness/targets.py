"""Targets: a server that listens somewhere, or a client that is started for each case."""

from __future__ import annotations

import asyncio
import os
import shlex
import signal
import socket
from abc import ABC, abstractmethod
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager, suppress
from typing import Any, Callable
from urllib.parse import urlsplit

from .case import CLIENT, SERVER, Case, echoes
from .conversation import Conversation, LeftOut, NoOpening, Timing
from .tokens import got_text
from .verdict import FAILED, LEFT_OUT, OK, Result, judge
from .wire import text

__all__ = ["ClientTarget", "Finish", "ServerTarget", "StartClient", "Target", "command_client"]

#: Seconds that a client may take to start.
START = 30.0

#: Waits for the end of a client; may be cancelled, and then ends it.
Finish = Callable[[], Awaitable[None]]
#: Starts a client that connects to a URI and echoes.
StartClient = Callable[[str], Awaitable[Finish]]

ALIVE = echoes(
    "server/alive", "", "somebody else is served", (text("alive"),), (got_text("alive"),)
)


class Target(ABC):
    """Something that cases can be played to."""

    role: str

    def __init__(self, timing: Timing, *, commands: bool = True) -> None:
        self.timing = timing
        self.commands = commands

    async def play(self, case: Case) -> Result:
        """Play a case; whatever the target does, a result comes within a time limit."""
        if case.commands and not self.commands:
            return Result(case.id, LEFT_OUT, "the echo program takes no commands")
        try:
            return await self._play(case)
        except LeftOut as exc:
            return Result(case.id, LEFT_OUT, f"{exc}")
        except NoOpening:
            return Result(case.id, FAILED, "no opening handshake")
        except OSError as exc:
            return Result(case.id, FAILED, f"no TCP connection: {exc.strerror or exc}")

    @abstractmethod
    async def _play(self, case: Case) -> Result: ...


class ServerTarget(Target):
    """An echo server at a ws:// URI."""

    role = SERVER

    def __init__(self, uri: str, timing: Timing, *, commands: bool = True) -> None:
        super().__init__(timing, commands=commands)
        parts = urlsplit(uri)
        if parts.scheme != "ws" or not parts.hostname:
            raise ValueError(f"{uri} isn't a ws:// URI")
        self._address = (parts.hostname, parts.port or 80)
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._fill = {"{host}": parts.netloc, "{target}": target}

    async def _play(self, case: Case) -> Result:
        result = await self._play_alone(case)
        if not case.aftermath or result.verdict != OK:
            return result
        alive = await self._play_alone(ALIVE)
        if alive.verdict == OK:
            return result
        return Result(case.id, FAILED, f"{result.about}; afterwards {alive.about}")

    async def _play_alone(self, case: Case) -> Result:
        sock = socket.socket(socket.AF_INET6 if ":" in self._address[0] else socket.AF_INET)
        sock.setblocking(False)
        try:
            await asyncio.wait_for(
                asyncio.get_running_loop().sock_connect(sock, self._address), self.timing.answer
            )
        except asyncio.TimeoutError:
            sock.close()
            raise OSError("it takes too long") from None
        except OSError:
            sock.close()
            raise
        conversation = Conversation(sock, case, SERVER, self._fill, self.timing)
        tokens = await conversation.run()
        return judge(case, tokens, late=conversation.late)


class ClientTarget(Target):
    """A client that is started for each case."""

    role = CLIENT

    def __init__(self, start: StartClient, timing: Timing, *, commands: bool = True) -> None:
        super().__init__(timing, commands=commands)
        self._start = start

    async def _play(self, case: Case) -> Result:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            host = f"127.0.0.1:{listener.getsockname()[1]}"
            finish = await self._start(f"ws://{host}/strict?case=1")
            ending = asyncio.ensure_future(finish())
            try:
                sock = await accept(listener, ending)
                listener.close()
                conversation = Conversation(sock, case, CLIENT, {"{host}": host}, self.timing)
                tokens = await conversation.run()
                result = judge(case, tokens, late=conversation.late)
                done, _ = await asyncio.wait([ending], timeout=self.timing.ending)
                if not done:
                    return Result(case.id, FAILED, f"{result.about}; afterwards the client goes on")
                return result
            finally:
                ending.cancel()
                with suppress(asyncio.CancelledError):
                    await ending


async def accept(listener: socket.socket, ending: asyncio.Future[None]) -> socket.socket:
    """Wait for the client's connection, as long as it runs."""
    loop = asyncio.get_running_loop()
    accepting = asyncio.ensure_future(loop.sock_accept(listener))
    both: set[asyncio.Future[Any]] = {accepting, ending}
    await asyncio.wait(both, timeout=START, return_when=asyncio.FIRST_COMPLETED)
    if not accepting.done():
        accepting.cancel()
        with suppress(asyncio.CancelledError):
            await accepting
        raise OSError("the client does not connect")
    return accepting.result()[0]


def command_client(command: str | list[str], environment: dict[str, str]) -> StartClient:
    """A client that is a command; ``{uri}`` in it stands for where to connect."""
    words = shlex.split(command) if isinstance(command, str) else command

    async def start(uri: str) -> Finish:
        filled = [word.replace("{uri}", uri) for word in words]
        process = await start_process(filled, environment, stdout=DEVNULL)

        async def finish() -> None:
            try:
                await process.wait()
            finally:
                await end_process(process)

        return finish

    return start


async def start_process(command: list[str], environment: dict[str, str], stdout: int) -> Process:
    """Start a process in a session of its own, so that it can be ended with what it starts."""
    return await asyncio.create_subprocess_exec(
        *command,
        stdin=DEVNULL,
        stdout=stdout,
        stderr=DEVNULL,
        env={**os.environ, **environment},
        start_new_session=True,
    )


async def end_process(process: Process) -> None:
    """End a process that was started here, and what it started."""
    if process.returncode is not None:
        return
    with suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    await process.wait()


@asynccontextmanager
async def command_server(command: list[str], environment: dict[str, str]) -> AsyncIterator[str]:
    """Run a server that prints the port it listens on; gives its URI."""
    process = await start_process(command, environment, stdout=PIPE)
    assert process.stdout is not None
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START)
        if not line.strip().isdigit():
            raise OSError(f"{command[-1]} does not start")
        yield f"ws://127.0.0.1:{int(line)}/"
    finally:
        await end_process(process)
