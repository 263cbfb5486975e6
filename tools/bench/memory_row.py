"""Row 10: what a connection of a server holds, as the growth of resident memory."""

from __future__ import annotations

import tempfile
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

__all__ = ["ROWS"]

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
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "frames")
        file.write_bytes(b"".join(frames_of(messages("books", MESSAGES))))
        for state in STATES:
            for target in DEFLATE if state.compression else PLAIN:
                attempt(
                    state.work,
                    target.name,
                    figures,
                    partial(measure_one, state, target, file, figures),
                )


def measure_one(state: State, target: Target, file: Path, figures: Figures) -> None:
    options = ["--compression"] if state.compression else []
    with started([target], *options) as servers:
        server = servers[target]
        # What the first connection brings is not its own. What many leave is used again.
        few = hold(server, state, file, FEW)
        grown = hold(server, state, file, CONNECTIONS) - few
    figures.add(state.work, target.name, MEMORY, grown / (CONNECTIONS - FEW) / 1024)


def hold(server: Server, state: State, file: Path, connections: int) -> int:
    """The memory of the server while a load holds so many connections open."""
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
        return server.status("VmRSS")
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
