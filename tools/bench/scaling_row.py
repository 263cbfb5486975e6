"""How the cost of a message grows: with connections, with its size, with others, with fragments.

What grows is multiplied by 4 or by 10 from one point to the next. A cost that is linear in it stays
the same for each unit; one that is quadratic becomes 4 or 10 times as high, and no noise hides
that. Caches and page faults come in between, of which large messages have more than small ones:
so the bound for sizes is 2, half-way from linear to quadratic.
"""

from __future__ import annotations

import contextlib
import json
from functools import partial

from .curve import Curve, short
from .figure import CPU, RATE, Figures, Measure
from .load import command, load
from .program import Program, Server, started, warm_up
from .row import Effort, Row, attempt, in_turns
from .target import BARE, LOOPS, Target, targets_of
from .verdict import Straight

__all__ = ["ROWS"]

MIB = 2**20
SMALL = 256  # bytes
LARGE = 64 * 1024  # from here on what a message costs besides its bytes is little
PER_BYTE = Measure("CPU ns a byte")
PER_FRAGMENT = Measure("CPU µs a fragment")
TARGETS = targets_of("ours", "websockets", "picows", BARE)

CONNECTIONS = Curve(
    "server, 256 B, connections in turn", "connections", (10, 100, 1000, 10_000), (CPU, RATE)
)
SIZE = Curve(
    "server, binary, one at a time",
    "size",
    tuple(4**i for i in range(2, 14)),
    (CPU, PER_BYTE),
    in_bytes=True,
)
FLIGHT = Curve(
    "server, 256 B, many at once", "in flight", tuple(4**i for i in range(6)), (CPU, RATE)
)
FRAGMENTS = Curve(
    "server, 1 MiB in fragments", "fragments", tuple(4**i for i in range(8)), (CPU, PER_FRAGMENT)
)


def measure_connections(effort: Effort, figures: Figures) -> None:
    """Keepalive is off, as its pings would be counted; half of the peers have none by default."""
    with started(TARGETS, "--ping-interval", "0") as servers:
        warm_up(servers)
        for point in CONNECTIONS.points:
            measure_turns(point, servers, effort, figures)


def measure_turns(
    point: int, servers: dict[Target, Server], effort: Effort, figures: Figures
) -> None:
    """With so many connections to each server, all of which are open before anything is measured."""
    work = CONNECTIONS.work(point)
    opened: dict[Target, Program] = {}
    with contextlib.ExitStack() as stack:
        for target, server in servers.items():
            turns = Program(turns_of(target, server, point))
            stack.callback(turns.close)
            opened[target] = turns
            attempt(work, target.name, figures, partial(read_open, turns))
        runs = [
            partial(attempt, work, target.name, figures, run)
            for target, turns in opened.items()
            for run in [partial(measure_turn, work, target, turns, effort, figures)]
        ]
        in_turns(effort.rounds, runs)


def turns_of(target: Target, server: Server, connections: int) -> list[str]:
    return command(
        "turns",
        port=server.port,
        pid=server.pid,
        connections=connections,
        size=SMALL,
        raw=target.library.raw,
    )


def read_open(turns: Program) -> None:
    """Wait until all connections are open."""
    turns.read_line()


def measure_turn(
    work: str, target: Target, turns: Program, effort: Effort, figures: Figures
) -> None:
    figures.add_run(work, target.name, turns.ask(json.dumps(effort.seconds)))


def measure_echo(curve: Curve, effort: Effort, figures: Figures) -> None:
    """At one point after the other, so that neighbours are measured within seconds."""
    with started(TARGETS, "--large") as servers:
        warm_up(servers)
        runs = [
            partial(attempt, curve.work(point), target.name, figures, run)
            for target, server in servers.items()
            for point in curve.points
            for run in [partial(measure_point, curve, point, target, server, effort, figures)]
        ]
        in_turns(effort.rounds, runs)


def measure_point(
    curve: Curve, point: int, target: Target, server: Server, effort: Effort, figures: Figures
) -> None:
    report = load(
        "echo",
        port=server.port,
        pid=server.pid,
        raw=target.library.raw,
        seconds=effort.seconds,
        **options_of(curve, point),
    )
    work = curve.work(point)
    figures.add_run(work, target.name, report)
    cost = report["cpu"] / report["messages"]
    if curve is SIZE:
        figures.add(work, target.name, PER_BYTE, cost / point * 1e9)
    elif curve is FRAGMENTS:
        figures.add(work, target.name, PER_FRAGMENT, cost / point * 1e6)


def options_of(curve: Curve, point: int) -> dict[str, int]:
    """What the load generator is to be told for a point of a curve."""
    if curve is SIZE:
        return {"size": point}
    if curve is FLIGHT:
        return {"size": SMALL, "burst": point}
    return {"size": MIB, "fragment": MIB // point}


def straight(curve: Curve, measure: Measure, most: float, start: int = 0) -> list[Straight]:
    """From one point to the next, each unit is to become at most so many times as dear."""
    return straight_at(curve, tuple(curve.works(start)), measure, most)


def straight_at(
    curve: Curve, works: tuple[str, ...], measure: Measure, most: float
) -> list[Straight]:
    return [Straight(curve.name, works, f"ours, {loop}", measure, most) for loop in LOOPS]


FEWEST, *_, MOST = CONNECTIONS.works()

ROWS = [
    Row(
        "scaling-connections",
        "cost of a message by the number of connections, 10 to 10,000",
        measure_connections,
        [
            *straight(CONNECTIONS, CPU, 1.5),
            *straight_at(CONNECTIONS, (FEWEST, MOST), CPU, 2),
        ],
        displays=[CONNECTIONS],
        note="One message is under way at a time: it goes to each connection in turn, so that everything of it was cold.",
    ),
    Row(
        "scaling-size",
        "cost of a message by its size, 16 B to 64 MiB",
        partial(measure_echo, SIZE),
        straight(SIZE, PER_BYTE, 2, start=LARGE),
        displays=[SIZE],
        note=f"What a byte costs is to be the same from {short(LARGE)} on.",
    ),
    Row(
        "scaling-flight",
        "cost of a message by how many are in flight, 1 to 1,024",
        partial(measure_echo, FLIGHT),
        straight(FLIGHT, CPU, 1.25),
        displays=[FLIGHT],
    ),
    Row(
        "scaling-fragments",
        "cost of a message of 1 MiB by the number of its fragments, 1 to 16,384",
        partial(measure_echo, FRAGMENTS),
        straight(FRAGMENTS, PER_FRAGMENT, 1.25),
        displays=[FRAGMENTS],
    ),
]
