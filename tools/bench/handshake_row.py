"""Row 7: opening handshakes, each followed by a closing one."""

from __future__ import annotations

from functools import partial

from .figure import Figures
from .load import load
from .program import Server, started
from .row import Effort, Row, in_turns
from .target import BARE, LOOPS, PEER_NAMES, Target, targets_of
from .verdict import Goal

__all__ = ["ROWS"]

WORK = "server, connect and close"
TARGETS = targets_of("ours", *PEER_NAMES, BARE)
AT_ONCE = 8


def measure(effort: Effort, figures: Figures) -> None:
    with started(TARGETS, "--handshakes") as servers:
        runs = [
            partial(measure_one, target, server, effort, figures)
            for target, server in servers.items()
        ]
        in_turns(effort.rounds, runs)


def measure_one(target: Target, server: Server, effort: Effort, figures: Figures) -> None:
    report = load(
        "handshakes",
        port=server.port,
        pid=server.pid,
        connections=AT_ONCE,
        seconds=2 * effort.seconds,
    )
    figures.add_run(WORK, target.name, report)


ROWS = [
    Row(
        "handshakes",
        "opening handshakes a second, one core: connect, upgrade, close",
        measure,
        [
            Goal(WORK, f"ours, {loop}", tuple(f"{other}, {loop}" for other in others), least)
            for loop in LOOPS
            for others, least in ((("websockets",), 2.0), (PEER_NAMES, 1.0))
        ],
        in_quick=True,
    )
]
