"""Rows 1 to 3: servers that echo messages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from .figure import Figures
from .load import load
from .program import Server, started, warm_up
from .row import Effort, Row, in_turns
from .target import BARE, FAST, LOOPS, PEER_NAMES, Target, targets_of
from .verdict import Goal

__all__ = ["ROWS", "TARGETS", "Work", "goals_of"]

KIB, MIB = 1024, 1024 * 1024
TARGETS = [
    *targets_of("ours"),
    *targets_of(FAST, loops=("asyncio",)),  # slower on uvloop, so never taken there
    *targets_of(*PEER_NAMES, BARE),
]


@dataclass(frozen=True)
class Work:
    """Messages of one size and kind, and how many of them are under way at once."""

    name: str
    size: int
    text: bool = False
    burst: int = 1
    sliding: bool = False
    in_quick: bool = True


ONE = [Work("256 B text", 256, text=True), Work("256 B binary", 256, in_quick=False)]
# A burst goes when all echoes of the last are there. Else the next message goes with each echo,
# and how many of them a server finds in one read depends on how fast it is.
MANY = [
    Work("16 B, 64 in flight", 16, text=True, burst=64),
    Work("256 B, 64 in flight", 256, text=True, burst=64),
    Work("256 B, 64 in flight, one by one", 256, True, 64, sliding=True, in_quick=False),
]
BIG = [Work("64 KiB", 64 * KIB), Work("1 MiB", MIB)]


def measure(works: list[Work], effort: Effort, figures: Figures) -> None:
    with started(TARGETS) as servers:
        warm_up(servers)
        for work in works:
            if work.in_quick or not effort.quick:
                runs = [
                    partial(measure_one, work, target, server, effort, figures)
                    for target, server in servers.items()
                ]
                in_turns(effort.rounds, runs)


def measure_one(
    work: Work, target: Target, server: Server, effort: Effort, figures: Figures
) -> None:
    report = load(
        "echo",
        port=server.port,
        pid=server.pid,
        size=work.size,
        text=work.text,
        burst=work.burst,
        sliding=work.sliding,
        seconds=effort.seconds,
        raw=target.library.raw,
    )
    figures.add_run(f"server, {work.name}", target.name, report)


def goals_of(
    kind: str, works: list[Work], least: dict[tuple[str, ...], float], loops: tuple[str, ...]
) -> list[Goal]:
    """To be so much better than the best of these libraries on the same loop."""
    return [
        Goal(
            f"{kind}, {work.name}",
            f"ours, {loop}",
            tuple(f"{other}, {loop}" for other in others),
            ratio,
        )
        for work in works
        for loop in loops
        for others, ratio in least.items()
    ]


ROWS = [
    Row(
        "server-one",
        "server, 256 B text and binary, one at a time",
        partial(measure, ONE),
        [
            *goals_of("server", ONE, {("picows",): 1.0}, ("uvloop",)),
            *goals_of("server", ONE, {(BARE,): 0.9, ("websockets",): 1.7}, LOOPS),
        ],
        in_quick=True,
    ),
    Row(
        "server-many",
        "server, 16 B and 256 B, 64 in flight",
        partial(measure, MANY),
        goals_of("server", MANY[:2], {("picows",): 6, ("websockets",): 20, (BARE,): 0.4}, LOOPS),
        in_quick=True,
    ),
    Row(
        "server-big",
        "server, 64 KiB and 1 MiB, one at a time",
        partial(measure, BIG),
        goals_of("server", BIG, {PEER_NAMES: 1.0}, LOOPS),
        in_quick=True,
    ),
]
