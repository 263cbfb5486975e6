"""Row 12: what importing takes beyond asyncio."""

from __future__ import annotations

import subprocess
from functools import partial

from .environment import OURS, PEERS, child_environment, python_of
from .figure import Figures, Measure
from .row import Effort, Row, in_turns
from .verdict import Limit

__all__ = ["ROWS"]

TIME = Measure("CPU ms")
WORK = "import beyond asyncio"
PROGRAM = """
import asyncio, time
start = time.process_time()
import {module}
print(1000 * (time.process_time() - start))
"""
MODULES = {
    "ws_frames": (OURS, 10.0),
    "websockets, ours": (OURS, 15.0),
    "ws_asyncio": (OURS, None),
    "websockets": (PEERS, None),
    "websockets.asyncio.server": (PEERS, None),
    "picows": (PEERS, None),
    "aiohttp": (PEERS, None),
}


def measure(effort: Effort, figures: Figures) -> None:
    for name in MODULES:
        import_one(name)  # writes the bytecode
    in_turns(effort.rounds + 4, [partial(measure_one, name, figures) for name in MODULES])


def measure_one(name: str, figures: Figures) -> None:
    figures.add(WORK, name, TIME, import_one(name))


def import_one(name: str) -> float:
    """Give the milliseconds of CPU that it takes in a Python of its own."""
    environment, _ = MODULES[name]
    program = PROGRAM.format(module=name.partition(",")[0])
    done = subprocess.run(
        [python_of(environment), "-c", program],
        env=child_environment(),
        stdout=subprocess.PIPE,
        check=True,
    )
    return float(done.stdout)


ROWS = [
    Row(
        "import",
        "import time beyond that of asyncio",
        measure,
        [Limit(WORK, name, TIME, most) for name, (_, most) in MODULES.items() if most is not None],
    )
]
