"""Row 9: frames alone, without any socket; what measures them is tools/bench_frames.py."""

from __future__ import annotations

import contextlib
from functools import partial

from .environment import PEERS, python_of
from .figure import Figures, Measure
from .program import Program
from .row import Effort, Row, in_turns
from .verdict import Goal

__all__ = ["ROWS"]

TIME = Measure("CPU ns")
PARSED = {"125 B": 20.0, "64 KiB": 5.0}  # and what times faster than wsproto the C is to be
MASKED = ("4 KiB", "64 KiB", "1 MiB", "16 MiB")


def measure(effort: Effort, figures: Figures) -> None:
    with contextlib.closing(Program([python_of(PEERS), "-m", "bench.frames_probe"])) as probe:
        in_turns(effort.rounds, [partial(measure_round, probe, figures)])


def measure_round(probe: Program, figures: Figures) -> None:
    for work, times in probe.ask("").items():
        for name, seconds in times.items():
            figures.add(work, name, TIME, 1e9 * seconds)


def goals() -> list[Goal]:
    found = []
    for size, least in PARSED.items():
        work = f"parse {size}, masked"
        found.append(Goal(work, "C", ("wsproto",), least, TIME, None))
        found.append(Goal(work, "Python", ("wsproto",), 1.0, TIME, None))
    found += [Goal(f"mask {size}", "mask", ("copy",), 0.9, TIME, None) for size in MASKED]
    return found


ROWS = [
    Row(
        "frames",
        "frames parsed and masked by ws_frames alone",
        measure,
        goals(),
    )
]
