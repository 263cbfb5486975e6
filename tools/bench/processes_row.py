"""One port and several processes (``reuse_port``): all CPUs, and the load generator on them too."""

from __future__ import annotations

import json
import os
import time
from functools import partial
from pathlib import Path

from .figure import RATE, Figures, Measure
from .load import command
from .machine import all_cpus
from .program import Program, started
from .row import Effort, Row, in_turns
from .target import LOOPS, Target, targets_of
from .verdict import Goal, Limit

__all__ = ["ROWS"]

CONNECTIONS = 400
PROCESSES = (1, 2)
#: What the handlers do, and the option that says so.
WORKS: dict[str, list[str]] = {
    f"{CONNECTIONS} connections at once, handlers that echo": [],
    f"{CONNECTIONS} connections at once, handlers that compute": ["--compute"],
}
ECHO, COMPUTE = WORKS
BUSY = Measure("CPUs busy", more_is_better=True)
SHARE = Measure("% of them at one process")
NOTE = """\
The processes are started as in [Many processes](howto/many-processes.md). They are not kept to one CPU, and neither is the load
generator, which has one thread: on a machine of two CPUs it takes what a second process could use. Where handlers only send
back what comes, it has as much to do as the servers, and two processes can do hardly more than one. Where handlers compute,
for some 200 µs of Python a message, the servers can have nearly all of both CPUs. *CPUs busy* is the CPU time of the servers in sum by the clock."""


def measure(effort: Effort, figures: Figures) -> None:
    with all_cpus():
        for work in WORKS:
            runs = [
                partial(measure_one, work, target, processes, effort, figures)
                for target in targets_of("ours, processes")
                for processes in PROCESSES
            ]
            in_turns(effort.rounds, runs)


def measure_one(
    work: str, target: Target, processes: int, effort: Effort, figures: Figures
) -> None:
    """Started anew each time, so that the kernel spreads the connections anew."""
    with started([target], "--processes", str(processes), *WORKS[work]) as servers:
        pids = servers[target].ask("")
        report, share = burden(servers[target].port, pids, 4 * effort.seconds)
    name = name_of(processes, target.loop)
    figures.add_run(work, name, report)
    figures.add(work, name, BUSY, report["cpu"] / report["seconds"])
    figures.add(work, name, SHARE, 100 * share)


def burden(port: int, pids: list[int], seconds: float) -> tuple[dict[str, float], float]:
    """Load them; what it took, and the part of the connections that the busiest process has."""
    idle = [sockets(pid) for pid in pids]
    options = {"port": port, "connections": CONNECTIONS, "seconds": seconds}
    generator = Program(command("echo", pid=",".join(map(str, pids)), **options))
    try:
        accepted = [0]
        while sum(accepted) < CONNECTIONS and generator.process.poll() is None:
            time.sleep(0.01)
            accepted = [sockets(pid) - before for pid, before in zip(pids, idle)]
        report: dict[str, float] = json.loads(generator.read_line())
    finally:
        generator.close()
    return report, max(accepted) / CONNECTIONS


def sockets(pid: int) -> int:
    """How many a process has open, by what Linux says."""
    links = (os.readlink(link) for link in Path(f"/proc/{pid}/fd").iterdir())
    return sum(link.startswith("socket:") for link in links)


def name_of(processes: int, loop: str) -> str:
    return f"ours, {processes} process{'es' if processes > 1 else ''}, {loop}"


ROWS = [
    Row(
        "processes",
        "one port, one process and two, on all CPUs",
        measure,
        [
            *[
                Goal(COMPUTE, name_of(2, loop), (name_of(1, loop),), 1.3, RATE, None)
                for loop in LOOPS
            ],
            *[Limit(work, name_of(2, loop), SHARE, 65) for work in WORKS for loop in LOOPS],
        ],
        note=NOTE,
    )
]
