"""Servers and clients under test, each a process of its own."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .environment import child_environment
from .load import command as load_command
from .load import load
from .target import Target

__all__ = [
    "Program",
    "ProgramFailed",
    "Server",
    "load_server",
    "started",
    "started_clients",
    "warm_up",
]

TIMEOUT = 60


class ProgramFailed(Exception):
    """A program under test ended, or did not start."""


class Program:
    """A process that does what lines of its standard input say, and ends with that."""

    #: Seconds that an answer may take.
    timeout = TIMEOUT

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env={**child_environment(), **(environment or {})},
            text=True,
        )
        self.pid = self.process.pid

    def read_line(self) -> str:
        assert self.process.stdout is not None
        if not select.select([self.process.stdout], [], [], self.timeout)[0]:
            self.process.kill()
            raise ProgramFailed(f"no answer in {self.timeout} s")
        line = self.process.stdout.readline()
        if not line:
            self.errors.seek(0)
            raise ProgramFailed(self.errors.read().decode(errors="replace").strip())
        return line

    def ask(self, line: str) -> Any:
        """Send a line, and give the line that comes back."""
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except BrokenPipeError as exc:
            raise ProgramFailed("it has ended") from exc
        return json.loads(self.read_line())

    def cpu(self) -> float:
        """Seconds, user and system, by what Linux calls the CPU clock of another process."""
        return time.clock_gettime((~self.pid << 3) | 2)

    def status(self, field: str) -> int:
        """Bytes, of a line such as ``VmRSS`` of what Linux says of the process."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(field + ":"):
                return int(line.split()[1]) * 1024
        raise ProgramFailed(f"no {field} of process {self.pid}")

    def forget_peak(self) -> None:
        """Begin anew with ``VmHWM``, the most memory that the process has had."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        try:
            self.process.wait(5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        assert self.process.stdout is not None
        self.process.stdout.close()
        self.errors.close()


class Server(Program):
    """It prints its port when it is ready."""

    def __init__(self, command: list[str], environment: dict[str, str] | None = None) -> None:
        super().__init__(command, environment)
        try:
            self.port = int(self.read_line())
        except ProgramFailed:
            self.close()
            raise

    def count_sockets(self) -> int:
        found = 0
        for descriptor in Path(f"/proc/{self.pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it was closed in between
                found += os.readlink(descriptor).startswith("socket:")
        return found

    def wait_for_end(self, at_rest: int) -> None:
        """Wait until each connection is closed on this side, too, and so many sockets are left."""
        end = time.monotonic() + self.timeout
        while self.count_sockets() > at_rest:
            if time.monotonic() > end:
                raise ProgramFailed(f"a connection is still open after {self.timeout} s")
            time.sleep(0.01)


@contextlib.contextmanager
def started(targets: list[Target], *options: str) -> Iterator[dict[Target, Server]]:
    """The servers of these targets, which wait while another one is measured."""
    with contextlib.ExitStack() as stack:
        running = {}
        for target in targets:
            running[target] = Server(target.command("servers", *options))
            stack.callback(running[target].close)
        yield running


def warm_up(servers: dict[Target, Server]) -> None:
    """Open and close a connection: not before does glibc keep the 256 KiB that asyncio reads into.

    Till then a buffer is mapped anew for each message, which the bare protocol pays for, and ours,
    which has smaller ones, doesn't.
    """
    for target, server in servers.items():
        load("echo", port=server.port, messages=1, raw=target.library.raw)


@contextlib.contextmanager
def started_clients(targets: list[Target]) -> Iterator[dict[Target, Program]]:
    """The clients of these targets; each does a trial when it is asked to."""
    with contextlib.ExitStack() as stack:
        running = {}
        for target in targets:
            running[target] = Program(target.command("clients"))
            stack.callback(running[target].close)
        yield running


@contextlib.contextmanager
def load_server(*, raw: bool = False) -> Iterator[Server]:
    """The fast server, which is the same to all clients."""
    server = Server(load_command("serve", raw=raw))
    try:
        yield server
    finally:
        server.close()
