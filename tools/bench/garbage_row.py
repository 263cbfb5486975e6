"""Row 11: objects that only the collector of cycles can free, once a connection is closed."""

from __future__ import annotations

from functools import partial

from .figure import Figures, Measure
from .load import load
from .program import Server, started
from .row import Effort, Row, in_turns
from .target import BARE, LOOPS, PEER_NAMES, Target, targets_of
from .verdict import Limit

__all__ = ["ROWS"]

CONNECTIONS = 20
GARBAGE = Measure("objects/connection")
WORK = "cyclic garbage of a closed connection"
BEYOND = f"{WORK}, beyond that of the bare protocol"


def measure(effort: Effort, figures: Figures) -> None:
    targets = targets_of(BARE, "ours", *PEER_NAMES)
    in_turns(1, [partial(measure_one, target, figures) for target in targets])
    for loop in LOOPS:
        bare = figures.of(WORK, f"{BARE}, {loop}", GARBAGE)
        ours = figures.of(WORK, f"ours, {loop}", GARBAGE)
        for one, other in zip(ours, bare):
            figures.add(BEYOND, f"ours, {loop}", GARBAGE, max(0, one - other))


def measure_one(target: Target, figures: Figures) -> None:
    with started([target]) as servers:
        server = servers[target]
        server.ask("keep garbage")  # now it runs, and has the sockets that it needs for itself
        at_rest = server.count_sockets()
        connect(server, target, 2, at_rest)
        server.ask("keep garbage")
        connect(server, target, CONNECTIONS, at_rest)
        objects = server.ask("collect garbage")["objects"]
    figures.add(WORK, target.name, GARBAGE, objects / CONNECTIONS)


def connect(server: Server, target: Target, times: int, at_rest: int) -> None:
    for _ in range(times):
        load("echo", port=server.port, messages=2, raw=target.library.raw)
    server.wait_for_end(at_rest)  # or else one more or one less is counted


ROWS = [
    Row(
        "garbage",
        "cyclic garbage that a closed connection leaves, with gc.disable()",
        measure,
        [Limit(BEYOND, f"ours, {loop}", GARBAGE, 0) for loop in LOOPS],
    )
]
