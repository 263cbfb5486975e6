"""
Measure what imports take beyond ``import asyncio``, and which modules take it.

python tools/import_time.py               a table of medians, beside the targets
python tools/import_time.py --rounds 50   more exact

Each measurement is a Python of its own, with the bytecode already written; packages take turns.
It is of the processor's time, so that what else the machine does matters less. Of
``websockets`` the first use of a name is measured too, since names are looked up then.
"""

from __future__ import annotations

import argparse
import platform
import re
import statistics
import subprocess
import sys
from importlib.metadata import version
from typing import NamedTuple

CODE = """
import asyncio
from time import process_time
start = process_time()
{statement}
print((process_time() - start) * 1000)
"""

LINE = re.compile(r"^import time:\s+(?P<own>\d+) \|\s+\d+ \|\s+(?P<module>\S+)$", re.MULTILINE)


class Measured(NamedTuple):
    """A statement, and the milliseconds that it may take."""

    statement: str
    target: float | None = None


ALL = [
    Measured("import ws_frames", 10),
    Measured("import ws_http"),
    Measured("import ws_asyncio"),
    Measured("import ws_compat"),
    Measured("import websockets", 15),
    Measured("from websockets import connect, serve"),
    Measured("from websockets import *"),
]


def measure(statement: str) -> float:
    """Give the milliseconds of the processor that it takes, once."""
    code = CODE.format(statement=statement)
    return float(subprocess.check_output([sys.executable, "-I", "-c", code], text=True))


def slowest(statement: str, count: int) -> list[tuple[str, float]]:
    """Give the modules that take the most by themselves, with their milliseconds."""
    code = f"import asyncio\n{statement}"
    command = [sys.executable, "-I", "-X", "importtime", "-c", code]
    report = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    lines = [(each["module"], int(each["own"]) / 1000) for each in LINE.finditer(report)]
    names = [module for module, _ in lines]
    beyond = lines[names.index("asyncio") + 1 :]
    return sorted(beyond, key=lambda line: -line[1])[:count]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args(arguments)
    taken: dict[str, list[float]] = {each.statement: [] for each in ALL}
    for each in ALL:
        measure(each.statement)  # writes the bytecode
    for _ in range(options.rounds):
        for each in ALL:
            taken[each.statement].append(measure(each.statement))
    print(
        f"Python {platform.python_version()}, {platform.machine()}, websockets {version('websockets')}"
    )
    print(f"milliseconds beyond import asyncio, of {options.rounds} rounds\n")
    print(f"{'':40} {'median':>7} {'least':>7} {'target':>7}")
    missed = []
    for each in ALL:
        times = taken[each.statement]
        median = statistics.median(times)
        target = "" if each.target is None else f"{each.target:g}"
        print(f"{each.statement:40} {median:7.1f} {min(times):7.1f} {target:>7}")
        if each.target is not None and median > each.target:
            missed.append(each)
    for each in [each for each in ALL if each.target is not None]:
        print(f"\n{each.statement}: what takes the most")
        for module, milliseconds in slowest(each.statement, 8):
            print(f"  {milliseconds:6.2f}  {module}")
    print("\nover the target: " + (", ".join(each.statement for each in missed) or "none"))
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
