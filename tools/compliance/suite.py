"""Autobahn's test suite, run against one end at a time: who talks to whom, and for how long."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compliance.report import Run, judge

ECHO = [sys.executable, str(Path(__file__).resolve().parent / "echo.py")]
AGENT = "echo"
ROLES = ("server", "client")
VARIABLE = "WS_FRAMES_SPEEDUPS"
SPEEDUPS = {"c": "require", "python": "never"}

Process = asyncio.subprocess.Process


class Broken(Exception):
    """The suite, or what it looks at, did not do its part."""


@dataclass
class Suite:
    """The suite, and which of its cases to run."""

    wstest: Path
    cases: list[str]
    excluded: list[str] = field(default_factory=list)
    timeout: float = 3600
    reports: Path | None = None

    async def run(self, role: str, speedups: str) -> Run:
        """Run the cases against one role, with the C speedups or without."""
        run = Run(role, speedups)
        start = time.monotonic()
        with tempfile.TemporaryDirectory(prefix="autobahn-") as place:
            folder = Path(place) if self.reports is None else self.reports / f"{role}-{speedups}"
            folder.mkdir(parents=True, exist_ok=True)
            folder.joinpath("index.json").unlink(missing_ok=True)
            look = self._look_at_server if role == "server" else self._look_at_client
            try:
                await asyncio.wait_for(look(folder, speedups), self.timeout)
            except asyncio.TimeoutError:
                run.complaint = f"not done within {self.timeout:g} s"
            except Broken as exc:
                run.complaint = str(exc)
            self._judge(run, folder)
        run.seconds = time.monotonic() - start
        return run

    async def _look_at_server(self, folder: Path, speedups: str) -> None:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        async with echo(["server"], folder, speedups, **pipes) as server:
            assert server.stdout is not None
            port = (await server.stdout.readline()).decode().strip()
            servers = [{"agent": AGENT, "url": f"ws://127.0.0.1:{port}"}]
            if port:
                async with self._wstest("fuzzingclient", folder, servers=servers) as client:
                    await first_of(client, server)
        if server.returncode != 0:
            raise Broken(f"the server failed: {last_line(folder / 'echo.log')}")

    async def _look_at_client(self, folder: Path, speedups: str) -> None:
        uri = f"ws://127.0.0.1:{free_port()}"
        async with self._wstest("fuzzingserver", folder, url=uri) as server:
            await listening(server, uri)
            async with echo(["client", uri, AGENT], folder, speedups) as client:
                await first_of(client, server)
            if client.returncode != 0:
                raise Broken(f"the client failed: {last_line(folder / 'echo.log')}")

    def _wstest(self, mode: str, folder: Path, **what: Any) -> AbstractAsyncContextManager[Process]:
        spec = {"outdir": str(folder), "cases": self.cases, "exclude-cases": self.excluded, **what}
        file = folder / "spec.json"
        file.write_text(json.dumps(spec), encoding="utf-8")
        # Without -u 0 it serves the web on port 8080 as well.
        command = [str(self.wstest), "-m", mode, "-s", str(file), "-u", "0"]
        return started(command, folder / "wstest.log", cwd=folder)

    def _judge(self, run: Run, folder: Path) -> None:
        index = folder / "index.json"
        if index.is_file():
            entries = json.loads(index.read_text(encoding="utf-8")).get(AGENT, {})
            run.cases = [judge(id, entry, folder) for id, entry in entries.items()]
        run.complaint = run.complaint or self._missing(run, folder)

    def _missing(self, run: Run, folder: Path) -> str:
        """What is wrong with a run that came to its end, besides the verdicts."""
        announced = announced_cases(folder / "wstest.log")
        if not announced:
            return f"the suite ran no case: {last_line(folder / 'wstest.log')}"
        if len(run.cases) != announced:
            return f"{len(run.cases)} of {announced} cases have a result"
        said = last_line(folder / "echo.log")
        return f"the {run.role} complained: {said}" if said else ""


@contextlib.asynccontextmanager
async def started(command: Sequence[str], log: Path, **more: Any) -> AsyncIterator[Process]:
    """Run a command beside the body; its stderr, and stdout unless piped, go to ``log``."""
    with log.open("wb") as file:
        options = {"stdin": subprocess.DEVNULL, "stdout": file, "stderr": file, **more}
        process = await asyncio.create_subprocess_exec(*command, **options)
        try:
            yield process
        finally:
            await end(process)


def echo(
    arguments: list[str], folder: Path, speedups: str, **pipes: int
) -> AbstractAsyncContextManager[Process]:
    environment = {**os.environ, VARIABLE: SPEEDUPS[speedups]}
    return started([*ECHO, *arguments], folder / "echo.log", env=environment, **pipes)


async def end(process: Process) -> None:
    """End a process that was started here: by the end of its stdin, or else by force."""
    if process.stdin is not None and process.returncode is None:
        process.stdin.close()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), 20)
    for action in (process.terminate, process.kill):
        if process.returncode is None:
            with contextlib.suppress(asyncio.TimeoutError, ProcessLookupError):
                action()
                await asyncio.wait_for(process.wait(), 5)


async def first_of(*processes: Process) -> None:
    """Wait until one of them has ended."""
    waiting = [asyncio.ensure_future(process.wait()) for process in processes]
    try:
        await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for future in waiting:
            future.cancel()


async def listening(process: Process, uri: str) -> None:
    """Wait until a process that was started listens at ``uri``."""
    host, _, port = uri.rpartition("/")[2].partition(":")
    for _ in range(300):
        if process.returncode is not None:
            break
        try:
            _, writer = await asyncio.open_connection(host, int(port))
        except OSError:
            await asyncio.sleep(0.1)
            continue
        writer.close()
        return
    raise Broken(f"the suite's server does not listen at {uri}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def last_line(log: Path) -> str:
    if not log.is_file():
        return ""
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line for line in reversed(lines) if line.strip()), "")


def announced_cases(log: Path) -> int:
    """How many cases the suite said that it would run."""
    found = re.search(r"will run (\d+) test cases", log.read_text(errors="replace"))
    return int(found[1]) if found else 0
