"""Row 13: what many idle connections cost while a keepalive watches them."""

from __future__ import annotations

import time
from functools import partial

from .figure import Figures, Measure
from .load import command
from .program import Program, started
from .row import Effort, Row, attempt
from .target import Target, targets_of
from .verdict import Goal, Limit

__all__ = ["ROWS"]

CONNECTIONS = 10_000
INTERVAL = 4.0  # seconds; the default of 20 would only take longer to measure
LOAD = Measure("CPU µs a ping")
TASKS = Measure("tasks/connection")
TIMERS = Measure("timers/connection")
WORK = f"{CONNECTIONS:,} idle connections, a ping every {INTERVAL:g} s"
TARGETS = [*targets_of("ours", "websockets"), *targets_of("picows.websockets", loops=("uvloop",))]


def measure(effort: Effort, figures: Figures) -> None:
    """Once, over two pings of each connection."""
    for target in TARGETS:
        attempt(WORK, target.name, figures, partial(measure_one, target, figures))


def measure_one(target: Target, figures: Figures) -> None:
    with started([target], "--ping-interval", str(INTERVAL)) as servers:
        server = servers[target]
        idle = server.ask("count")
        holder = Program(command("hold", port=server.port, connections=CONNECTIONS))
        try:
            holder.read_line()
            start = server.cpu()
            time.sleep(2 * INTERVAL)
            pings = 2 * CONNECTIONS
            figures.add(WORK, target.name, LOAD, (server.cpu() - start) / pings * 1e6)
            busy = server.ask("count")
        finally:
            holder.close()
    tasks = (busy["tasks"] - idle["tasks"]) / CONNECTIONS
    figures.add(WORK, target.name, TASKS, tasks)
    if target.loop == "asyncio":
        timers = (busy["timers"] - idle["timers"]) / CONNECTIONS
        figures.add(WORK, target.name, TIMERS, timers)


ROWS = [
    Row(
        "idle",
        f"{CONNECTIONS:,} idle connections with keepalive: CPU, tasks and timers",
        measure,
        [
            *[
                Goal(WORK, f"ours, {loop}", (f"websockets, {loop}",), 1.0, LOAD, None)
                for loop in ("asyncio", "uvloop")
            ],
            # The task is the handler's, which the user wrote.
            *[Limit(WORK, f"ours, {loop}", TASKS, 1.0) for loop in ("asyncio", "uvloop")],
            Limit(WORK, "ours, asyncio", TIMERS, 0.01),
        ],
    )
]
