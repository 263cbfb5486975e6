"""Connect, echo, close, a hundred thousand times: a server of ours, and a client of ours."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import Any

from soak.holdings import CLOSE_TIMEOUT, MIB, Holdings
from soak.kind import Kind
from soak.process import PATIENCE, Subject
from soak.table import Table

__all__ = ["ABOUT", "Churn", "run_churn", "table_of"]

ABOUT = """Connect, echo a text of 480 bytes, close; every second connection without compression. Both ends are ours, in a
process each, with `gc.disable()`. After a warm-up of {warm_up:,} connections both hold what they hold after {count:,} more; 16 at a
time."""

#: So many at a time; and in one command, for which there is a time limit.
PARALLEL, BATCH = 16, 500


@dataclass
class Churn:
    """What came of it."""

    kind: Kind
    count: int
    warm_up: int
    #: Seconds of it that the server and the client took.
    cpu: dict[str, float]
    #: What the server and the client held before and after.
    before: dict[str, Holdings]
    after: dict[str, Holdings]

    @property
    def broken(self) -> list[str]:
        return [
            f"{self.kind}: {role}: {excess}"
            for role, after in self.after.items()
            for excess in after.excess(self.before[role])
        ]


def run_churn(
    kind: Kind,
    count: int,
    leak: str | None = None,
    load: float = math.inf,
    patience: float = PATIENCE,
) -> Churn:
    """Churn a server by a client; ``leak`` is planted in the server.

    They take at most so much of a CPU, both together. After so many seconds of patience
    with what has not gone yet, it counts.
    """
    options: dict[str, Any] = {"ping_interval": None, "close_timeout": CLOSE_TIMEOUT}
    server = Subject(kind, leak=leak, **options)
    try:
        client = Subject(kind, **options)
        try:
            return churn(kind, count, server, client, load, patience)
        finally:
            client.close()
    finally:
        server.close()


def churn(
    kind: Kind, count: int, server: Subject, client: Subject, load: float, patience: float
) -> Churn:
    roles = {"server": server, "client": client}
    held = {role: subject.stock() for role, subject in roles.items()}
    # What the first ones allocate stays, such as the free lists of the interpreter.
    warm_up = min(5_000, count // 4)

    start = time.monotonic()

    def connect(times: int, held: dict[str, Holdings]) -> dict[str, Holdings]:
        for done in range(0, times, BATCH):
            size = min(BATCH, times - done)
            client.do("churn", port=server.port, count=size, parallel=PARALLEL)
            # What is too much for the load is made up for by a rest.
            rest = (server.cpu() + client.cpu()) / load - (time.monotonic() - start)
            time.sleep(max(0.0, rest))
        for role, subject in roles.items():
            subject.settle(held[role], patience)
            subject.rest(patience)
        return {role: subject.stock() for role, subject in roles.items()}

    before = connect(warm_up, held)
    cpu = {role: -subject.cpu() for role, subject in roles.items()}
    after = connect(count, before)
    for role, subject in roles.items():
        cpu[role] += subject.cpu()
    return Churn(kind, count, warm_up, cpu, before, after)


def table_of(churns: list[Churn]) -> Table:
    table = Table("event loop", "twin", "role", "connections", "ms CPU each", "MiB more")
    table.add_columns("tasks", "descriptors", "objects", "garbage")
    for each in churns:
        for role, after in each.after.items():
            before = each.before[role]
            table.add_row(
                *each.kind,
                role,
                f"{each.count:,}",
                f"{each.cpu[role] / each.count * 1000:.2f}",
                f"{(after.rss - before.rss) / MIB:.2f}",
                after.tasks - before.tasks,
                after.descriptors - before.descriptors,
                after.objects - before.objects,
                after.garbage,
            )
    return table
