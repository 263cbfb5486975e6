"""What the memory of a server connection consists of, object by object.

Twice as many connections hold twice as much of what is per connection, and as much as before of
all else. So all objects of the process are counted with some connections and with twice as many.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from .figure import Figures, Measure
from .inventory import BEYOND, BYTES, NUMBER, OBJECTS, OUTSIDE, RESIDENT, Inventory, told
from .memory_row import MEMORY, STATES, State, frames_file, growth_of, held
from .program import Server
from .row import Effort, Row, attempt
from .target import LOOPS, Target, targets_of
from .verdict import Limit

__all__ = ["ROWS"]

CONNECTIONS = 500
LEAST = 1.0  # bytes for each connection; what is less is noise
HEADS = ("idle", "compression agreed", "after compressed messages")
#: What the table leaves to others than Python: libuv, and what allocators lose between blocks.
PART = Measure("% of the resident memory")
UNEXPLAINED = 10
TRACE = {"PYTHONTRACEMALLOC": "1"}
NOTE = f"""\
All objects of the server process are counted while {CONNECTIONS} connections are open, and while {2 * CONNECTIONS} are; half of the difference is what a
connection holds. Sizes are those that `sys.getsizeof()` gives. *Where* is a way from the connection, `ws`, to such objects, by the
names of attributes and local variables; where there is none, they are held by the event loop or the standard library. A
number below 1 with many bytes is a table for all connections, which grows. What Python's allocators have given out is known from `tracemalloc`;
the resident memory is measured without it, as in the row above: with 100 connections and with 5,000."""


def work_of(state: State, loop: str) -> str:
    return f"{state.work}, object by object, {loop}"


def measure(effort: Effort, figures: Figures) -> None:
    """Once: memory does not depend on what else the machine does."""
    with frames_file() as file:
        for target in targets_of("ours"):
            for state in STATES:
                work = work_of(state, target.loop)
                run = partial(measure_one, work, state, target, file, figures)
                attempt(work, target.name, figures, run)


def measure_one(work: str, state: State, target: Target, file: Path, figures: Figures) -> None:
    few, many, places = counted(state, target, file)
    objects = add_objects(work, few["census"], many["census"], figures)
    for kind, where in places.items():
        figures.notes[work, kind] = told(where)
    traced = (many["traced"] - few["traced"]) / CONNECTIONS
    known = figures.of(state.work, target.name, MEMORY)
    resident = known[-1] * 1024 if known else growth_of(state, target, file)
    figures.add(work, OBJECTS, BYTES, objects)
    figures.add(work, BEYOND, BYTES, traced - objects)
    figures.add(work, OUTSIDE, BYTES, resident - traced)
    figures.add(work, OUTSIDE, PART, 100 * (resident - traced) / resident)
    figures.add(work, RESIDENT, BYTES, resident)


def counted(state: State, target: Target, file: Path) -> tuple[Any, Any, dict[str, list[str]]]:
    """What there is with some connections, with twice as many, and where in one of them."""
    server = Server(target.command("servers", *state.options()), TRACE)
    found = []
    try:
        with held(server, state, file, 2):
            server.ask("census")  # what is made when it is asked for the first time
        for connections in (CONNECTIONS, 2 * CONNECTIONS):
            with held(server, state, file, connections):
                census, traced = server.ask("census"), server.ask("traced")
                found.append({"census": census, "traced": traced["bytes"]})
                places = server.ask("places") if len(found) == 2 else {}
    finally:
        server.close()
    few, many = found
    return few, many, places


def add_objects(work: str, few: Any, many: Any, figures: Figures) -> float:
    """Add what a connection holds of each type, and of all; returns how many bytes that are."""
    number_of_all = bytes_of_all = 0.0
    for kind, (number, size) in many.items():
        number_before, size_before = few.get(kind, (0, 0))
        number, size = (number - number_before) / CONNECTIONS, (size - size_before) / CONNECTIONS
        if abs(size) < LEAST:
            continue
        figures.add(work, kind, NUMBER, number)
        figures.add(work, kind, BYTES, size)
        number_of_all += number
        bytes_of_all += size
    figures.add(work, OBJECTS, NUMBER, number_of_all)
    return bytes_of_all


ROWS = [
    Row(
        "objects",
        "what the memory of a server connection consists of, object by object",
        measure,
        [
            Limit(work_of(state, loop), OUTSIDE, PART, UNEXPLAINED)
            for loop in LOOPS
            for state in STATES
        ],
        displays=[
            Inventory(
                f"memory of a server connection, {loop}",
                {work_of(state, loop): head for state, head in zip(STATES, HEADS)},
            )
            for loop in LOOPS
        ],
        note=NOTE,
    )
]
