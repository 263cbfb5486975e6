"""Row 4: messages of many MiB, in one frame and in fragments: time, growth, memory."""

from __future__ import annotations

import json
import statistics
from dataclasses import dataclass
from functools import partial
from typing import Callable

from .figure import Figures, Measure
from .load import load
from .program import Program, Server, load_server, started, started_clients
from .row import Effort, Row, attempt, in_turns
from .target import LOOPS, Target, targets_of
from .verdict import Goal, Limit

__all__ = ["ROWS"]

MIB = 2**20
SIZES = (16, 32, 64)
SECONDS = Measure("seconds")
CPU_SECONDS = Measure("CPU seconds")
#: CPU time of the largest by that of the smallest, for each byte: 1 is linear, 4 quadratic. In
#: between are caches, and memory that the allocator gives back from 32 MiB on.
GROWTH = Measure("CPU a byte, by that of 16 MiB")
PEAK = Measure("peak memory / message")
SHAPES = {"one frame": 0, "fragments of 1 KiB": 1024}
TARGETS = [*targets_of("ours", "websockets"), *targets_of("picows", "aiohttp", loops=("uvloop",))]
# Send and receive one message of so many bytes, in fragments of so many.
Exchange = Callable[[int, int], "dict[str, float]"]


@dataclass(frozen=True)
class Subject:
    kind: str
    target: Target
    exchange: Exchange

    def measure(self, shape: str, figures: Figures) -> None:
        for size in SIZES:
            work = work_of(self.kind, size, shape)
            run = partial(self.measure_size, work, size * MIB, SHAPES[shape], figures)
            attempt(work, self.target.name, figures, run)
            if (work, self.target.name) in figures.failures:
                self.give_up(shape, figures.failures[work, self.target.name], figures)
                return

    def give_up(self, shape: str, why: str, figures: Figures) -> None:
        """Who cannot do the least of them is not tried with the others."""
        for size in SIZES:
            figures.failures.setdefault((work_of(self.kind, size, shape), self.target.name), why)

    def measure_size(self, work: str, size: int, fragment: int, figures: Figures) -> None:
        report = self.exchange(size, fragment)
        figures.add(work, self.target.name, SECONDS, report["seconds"])
        figures.add(work, self.target.name, CPU_SECONDS, report["cpu"])


def work_of(kind: str, size: int, shape: str) -> str:
    return f"{kind}, {size} MiB in {shape}"


def echo(server: Server, size: int, fragment: int) -> dict[str, float]:
    options = {"port": server.port, "pid": server.pid, "size": size, "fragment": fragment}
    return load("echo", messages=1, **options)


def ask(client: Program, port: int, size: int, fragment: int) -> dict[str, float]:
    trial = {"port": port, "size": size, "fragment": fragment, "messages": 1, "large": True}
    report: dict[str, float] = client.ask(json.dumps({**trial, "seconds": 60}))
    return report


def measure_servers(effort: Effort, figures: Figures) -> None:
    with started(TARGETS, "--large") as servers:
        subjects = [
            Subject("server", target, partial(echo, server)) for target, server in servers.items()
        ]
        measure(subjects, effort, figures)
    for shape in SHAPES:
        for target in TARGETS:
            work = work_of("server", SIZES[-1], shape)
            attempt(work, target.name, figures, partial(measure_peak, work, target, shape, figures))


def measure_clients(effort: Effort, figures: Figures) -> None:
    with load_server() as server, started_clients(TARGETS) as clients:
        subjects = [
            Subject("client", target, partial(ask, client, server.port))
            for target, client in clients.items()
        ]
        measure(subjects, effort, figures)


def measure(subjects: list[Subject], effort: Effort, figures: Figures) -> None:
    for shape in SHAPES:
        in_turns(effort.rounds, [partial(each.measure, shape, figures) for each in subjects])
        for subject in subjects:
            add_growth(subject.kind, subject.target.name, shape, figures)


def add_growth(kind: str, target: str, shape: str, figures: Figures) -> None:
    small, large = SIZES[0], SIZES[-1]
    first = figures.of(work_of(kind, small, shape), target, CPU_SECONDS)
    last = figures.of(work_of(kind, large, shape), target, CPU_SECONDS)
    if first and last:
        growth = statistics.median(last) * small / statistics.median(first) / large
        figures.add(work_of(kind, large, shape), target, GROWTH, growth)


def measure_peak(work: str, target: Target, shape: str, figures: Figures) -> None:
    """The most memory, in a process that has had no large message before."""
    with started([target], "--large") as servers:
        server = servers[target]
        echo(server, MIB, SHAPES[shape])
        before = server.status("VmRSS")
        server.forget_peak()
        echo(server, SIZES[-1] * MIB, SHAPES[shape])
        grown = server.status("VmHWM") - before
    figures.add(work, target.name, PEAK, grown / (SIZES[-1] * MIB))


def goals(kind: str) -> list[Goal | Limit]:
    works = [work_of(kind, SIZES[-1], shape) for shape in SHAPES]
    found: list[Goal | Limit] = []
    for work in works:
        for loop in LOOPS:
            ours = f"ours, {loop}"
            peer = f"websockets, {loop}"
            found.append(Goal(work, ours, (peer,), 2.0, SECONDS, CPU_SECONDS))
            found.append(Limit(work, ours, GROWTH, 2.0))
            if kind == "server":
                found.append(Limit(work, ours, PEAK, 2.2))
    return found


ROWS = [
    Row(
        "server-large",
        "server, 64 MiB in one frame and in fragments",
        measure_servers,
        goals("server"),
    ),
    Row(
        "client-large",
        "client, 64 MiB in one frame and in fragments",
        measure_clients,
        goals("client"),
    ),
]
