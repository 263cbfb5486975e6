"""Row 10: what a connection of a server holds, as the growth of resident memory."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from deflate_traffic import messages

from .deflate_row import frames_of
from .figure import Figures, Measure
from .load import command
from .program import Program, Server, started
from .row import Effort, Row, attempt
from .target import Target, targets_of
from .verdict import Limit

__all__ = ["MEMORY", "ROWS", "STATES", "State", "frames_file", "growth_of", "held"]

CONNECTIONS = 5000
FEW = 100
MESSAGES = 10
MEMORY = Measure("KiB/connection")


@dataclass(frozen=True)
class State:
    """What a connection has seen when its memory is taken."""

    work: str
    most: float
    compression: bool
    messages: bool

    def options(self) -> list[str]:
        """What the server has to be started with."""
        return ["--compression"] if self.compression else []


STATES = [
    State("memory, idle", 8, compression=False, messages=False),
    State("memory, idle, compression agreed", 10, compression=True, messages=False),
    State("memory, compressed messages both ways", 52, compression=True, messages=True),
]
PLAIN = [
    *targets_of("ours"),
    *targets_of("picows", "picows.websockets", "aiohttp", "websockets", loops=("asyncio",)),
]
DEFLATE = [target for target in PLAIN if target.library.name != "picows"]  # it has none


def measure(effort: Effort, figures: Figures) -> None:
    """Once: memory does not depend on what else the machine does."""
    with frames_file() as file:
        for state in STATES:
            for target in DEFLATE if state.compression else PLAIN:
                attempt(
                    state.work,
                    target.name,
                    figures,
                    partial(measure_one, state, target, file, figures),
                )


@contextlib.contextmanager
def frames_file() -> Iterator[Path]:
    """The messages that connections see, for the load generator."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "frames")
        file.write_bytes(b"".join(frames_of(messages("books", MESSAGES))))
        yield file


def measure_one(state: State, target: Target, file: Path, figures: Figures) -> None:
    growth = growth_of(state, target, file)
    figures.add(state.work, target.name, MEMORY, growth / 1024)


def growth_of(state: State, target: Target, file: Path) -> float:
    """Bytes of resident memory for each connection."""
    with started([target], *state.options()) as servers:
        server = servers[target]
        # What the first connection brings is not its own. What many leave is used again.
        few = hold(server, state, file, FEW)
        grown = hold(server, state, file, CONNECTIONS) - few
    return grown / (CONNECTIONS - FEW)


def hold(server: Server, state: State, file: Path, connections: int) -> int:
    """The memory of the server while a load holds so many connections open."""
    with held(server, state, file, connections):
        return server.status("VmRSS")


@contextlib.contextmanager
def held(server: Server, state: State, file: Path, connections: int) -> Iterator[None]:
    """Open so many connections, and hold them when each has seen what it has to."""
    words = command(
        "hold",
        port=server.port,
        connections=connections,
        compression=state.compression,
        file=file if state.messages else None,
    )
    program = Program(words)
    try:
        program.read_line()
        yield
    finally:
        program.close()


ROWS = [
    Row(
        "memory",
        f"resident memory of a server connection, {CONNECTIONS:,} of them",
        measure,
        [
            Limit(state.work, f"ours, {loop}", MEMORY, state.most)
            for state in STATES
            for loop in ("asyncio", "uvloop")
        ],
    )
]
