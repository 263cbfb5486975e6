"""Ten thousand connections that do nothing, watched by a keepalive."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field
from typing import Any

from bench.program import Program, ProgramFailed
from soak.holdings import CLOSE_TIMEOUT, MIB, Holdings
from soak.kind import Kind
from soak.process import Subject
from soak.table import Table

__all__ = ["ABOUT", "Idle", "run_idle", "table_of"]

ABOUT = """{count:,} connections with compression agreed, which only answer pings: one each {interval:g} s. When there were {pings} for
each, and each had answered, they all left at once, half of them without a close frame; from when the last one is gone all is to
be freed within a second of CPU time. What the server holds then is compared with what it held after as many had left before.
`gc.disable()`. The memory is what `malloc()` gave and is in use, with `PYTHONMALLOC=malloc`: Python's own allocator keeps 1 MiB
where one object of it is left, so that a process which had many connections stays large, and fills what it kept with the next
ones."""

#: Seconds between two looks at how many pings there were.
LOOK = 0.2

#: Seconds from a peer's leaving until all is freed.
FREED = 1.0


@dataclass
class Idle:
    """What came of it."""

    kind: Kind
    count: int
    expected: int
    before: Holdings
    busy: Holdings
    after: Holdings
    open: int
    pings: int
    answered: int  # connections whose pong was taken for one
    cpu: float  # seconds of it each second
    freed: float  # seconds, from when the last of them was gone
    freeing: float  # seconds of CPU in that time
    broken: list[str] = field(default_factory=list)

    def judge(self) -> None:
        found = self.after.excess(self.before, in_use=bool(self.after.used))
        if self.open < self.count:
            found.append(f"{self.count - self.open} connections were lost")
        if self.pings < self.expected:
            found.append(f"{self.pings} pings came, of {self.expected}")
        if self.answered < self.count:
            found.append(f"{self.count - self.answered} connections never answered")
        if self.freeing > FREED:
            found.append(f"it took {self.freeing:.2f} s of CPU to free all")
        self.broken = [f"{self.kind}: {excess}" for excess in found]


class Peers(Program):
    """Those who hold the connections."""

    #: Opening all of them takes a minute, and longer on a machine that is busy.
    timeout = 600

    def __init__(self, port: int, count: int, deaf: int = 0) -> None:
        command = [sys.executable, "-m", "soak.holder", str(port), str(count)]
        super().__init__([*command, "--deaf", str(deaf)])
        try:
            self.read_line()
        except ProgramFailed:
            self.close()
            raise


def run_idle(
    kind: Kind, count: int, interval: float, pings: int, deaf: int = 0, timeout: float = 60
) -> Idle:
    """Hold so many connections for some pings each; ``deaf`` ones answer none of them.

    Who answers none for ``timeout`` seconds is dropped.
    """
    options: dict[str, Any] = {"ping_interval": interval, "ping_timeout": timeout}
    server = Subject(kind, exact=True, close_timeout=CLOSE_TIMEOUT, **options)
    try:
        fresh = server.stock()
        warm_up = Peers(server.port, count)
        try:
            warm_up.ask("leave")
        finally:
            warm_up.close()
        server.settle(fresh)
        server.rest()
        return watch(server, count, pings, deaf)
    finally:
        server.close()


def watch(server: Subject, count: int, pings: int, deaf: int) -> Idle:
    before = server.stock()
    peers = Peers(server.port, count, deaf)
    try:
        cpu, start = server.cpu(), time.monotonic()
        expected = pings * (count - deaf)
        while (seen := peers.ask("count"))["pings"] < expected:
            if time.monotonic() - start > peers.timeout or seen["open"] < count:
                break
            time.sleep(LOOK)
        cpu, seconds = server.cpu() - cpu, time.monotonic() - start
        answered = server.do("answered")["count"]
        stock = server.do("stock")
        busy = Holdings(**{key: stock[key] for key in Holdings._fields})
        peers.ask("leave")
        spent = server.cpu()
        freed = server.settle(before)
        freeing = server.cpu() - spent
        server.rest()
        after = server.stock()
    finally:
        peers.close()
    result = Idle(
        server.kind,
        count,
        expected,
        before,
        busy,
        after,
        seen["open"],
        seen["pings"],
        answered,
        cpu / seconds,
        freed,
        freeing,
    )
    result.judge()
    return result


def table_of(idles: list[Idle]) -> Table:
    table = Table("event loop", "twin", "connections", "still open", "pings answered", "% CPU")
    table.add_columns("KiB/connection", "tasks each", "s until freed", "s CPU for that", "MiB more")
    table.add_columns("tasks", "descriptors", "objects", "garbage")
    for each in idles:
        before, busy, after = each.before, each.busy, each.after
        table.add_row(
            *each.kind,
            f"{each.count:,}",
            f"{each.open:,}",
            f"{each.pings:,}",
            f"{each.cpu * 100:.1f}",
            f"{(busy.used - before.used) / each.count / 1024:.1f}",
            f"{(busy.tasks - before.tasks) / each.count:.2f}",
            f"{each.freed:.2f}",
            f"{each.freeing:.2f}",
            f"{(after.used - before.used) / MIB:.2f}",
            after.tasks - before.tasks,
            after.descriptors - before.descriptors,
            after.objects - before.objects,
            after.garbage,
        )
    return table
