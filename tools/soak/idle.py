"""Ten thousand connections that do nothing, watched by a keepalive."""

from __future__ import annotations

import sys
import time
from dataclasses import dataclass, field

from bench.program import Program, ProgramFailed
from soak.holdings import MIB, Holdings
from soak.kind import Kind
from soak.process import Subject
from soak.table import Table

__all__ = ["ABOUT", "Idle", "run_idle", "table_of"]

ABOUT = """{count:,} connections with compression agreed, which only answer pings: one each {interval:g} s. Who doesn't answer within
{interval:g} s is dropped. They are watched over {turns:g} pings each; then they all leave at once, half of them without a close
frame, and from when the last one is gone all is to be freed within a second. What the server holds then is compared with what
it held after as many had left before. `gc.disable()`. The memory is what `malloc()` gave and is in use, with
`PYTHONMALLOC=malloc`: Python's own allocator keeps 1 MiB where one object of it is left, so that a
process which had many connections stays large, and fills what it kept with the next ones."""

#: Seconds from a peer's leaving until all is freed.
FREED = 1.0


@dataclass
class Idle:
    """What came of it."""

    kind: Kind
    count: int
    interval: float
    turns: float
    before: Holdings
    busy: Holdings
    after: Holdings
    open: int
    pings: int
    cpu: float  # seconds of it each second
    freed: float  # seconds, from when the last of them was gone
    freeing: float  # seconds of CPU in that time
    broken: list[str] = field(default_factory=list)

    def judge(self) -> None:
        found = self.after.excess(self.before, in_use=bool(self.after.used))
        if self.open < self.count:
            found.append(f"{self.count - self.open} connections were lost")
        # The last round of them may be under way.
        expected = self.count * int(self.turns)
        if self.pings < expected:
            found.append(f"{self.pings} pings came and were answered, of at least {expected}")
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


def run_idle(kind: Kind, count: int, interval: float, turns: float, deaf: int = 0) -> Idle:
    """Hold so many connections for some pings each; ``deaf`` ones answer none of them."""
    server = Subject(kind, exact=True, ping_interval=interval, ping_timeout=interval)
    try:
        fresh = server.stock()
        warm_up = Peers(server.port, count)
        try:
            warm_up.ask("leave")
        finally:
            warm_up.close()
        server.settle(fresh)
        return watch(server, count, interval, turns, deaf)
    finally:
        server.close()


def watch(server: Subject, count: int, interval: float, turns: float, deaf: int) -> Idle:
    before = server.stock()
    peers = Peers(server.port, count, deaf)
    try:
        pings = peers.ask("count")["pings"]
        cpu, start = server.cpu(), time.monotonic()
        # Nothing happens but pings: it is the time that is the test.
        time.sleep(turns * interval)
        cpu, seconds = server.cpu() - cpu, time.monotonic() - start
        seen = peers.ask("count")
        stock = server.do("stock")
        busy = Holdings(**{key: stock[key] for key in Holdings._fields})
        peers.ask("leave")
        spent = server.cpu()
        freed = server.settle(before)
        freeing = server.cpu() - spent
        after = server.stock()
    finally:
        peers.close()
    result = Idle(
        server.kind,
        count,
        interval,
        turns,
        before,
        busy,
        after,
        seen["open"],
        seen["pings"] - pings,
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
