"""Row 8: one message to many connections."""

from __future__ import annotations

import contextlib
import json
from functools import partial

from .figure import Figures
from .load import command
from .program import Program, started
from .row import Effort, Row, in_turns
from .target import BARE, Target, targets_of
from .verdict import Goal

__all__ = ["ROWS"]

CONNECTIONS = 5000
MESSAGES = 4
SIZE = 1024
PLAIN = f"broadcast of 1 KiB to {CONNECTIONS:,}"
COMPRESSED = f"{PLAIN}, compressed"
LOOPS = ("uvloop",)
TARGETS = {
    PLAIN: targets_of(
        "ours", "picows", "picows.websockets", "aiohttp", "websockets", BARE, loops=LOOPS
    ),
    COMPRESSED: targets_of("ours", "websockets", loops=LOOPS),
}


def measure(effort: Effort, figures: Figures) -> None:
    """Keepalive is off: half of the peers have none by default."""
    for work, targets in TARGETS.items():
        compressed = ["--compression"] if work == COMPRESSED else []
        options = ["--broadcast", "--ping-interval", "0", *compressed]
        with started(targets, *options) as servers, contextlib.ExitStack() as stack:
            runs = []
            for target, server in servers.items():
                words = command(
                    "sink",
                    port=server.port,
                    pid=server.pid,
                    connections=CONNECTIONS,
                    size=SIZE,
                    text=True,
                    compression=bool(compressed),
                    raw=target.library.raw,
                )
                sink = Program(words)
                stack.callback(sink.close)
                sink.read_line()  # all connections are open
                runs.append(partial(measure_one, work, target, sink, figures))
            in_turns(effort.rounds, runs)


def measure_one(work: str, target: Target, sink: Program, figures: Figures) -> None:
    figures.add_run(work, target.name, sink.ask(json.dumps(MESSAGES)))


ROWS = [
    Row(
        "broadcast",
        f"the same message to {CONNECTIONS:,} connections",
        measure,
        [Goal(work, "ours, uvloop", ("websockets, uvloop",), 3.0) for work in TARGETS],
    )
]
