"""
Fuzz all that reads or writes bytes: at random, each target with what must hold for it.

python tools/run_fuzz.py                                   10,000 inputs of each target
python tools/run_fuzz.py --seconds 3600 parser connection  an hour of these, one after the other
python tools/run_fuzz.py --count 1000 --seed 7:12 parser   a block that a run of --seed 7 reported
python tools/run_fuzz.py parser --replay FILE              an input that was found, once more
python tools/run_fuzz.py --list                            say what there is

A run begins with the seeds of a target. It stops at the first input for which something does not
hold, shows it and keeps it in build/fuzz, and exits with 1.
"""

from __future__ import annotations

import argparse
import platform
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fuzz.finds import FINDS, fault, load, report
from fuzz.table import Row, add_row
from fuzz.targets import TARGETS, about, cases
from fuzz.twins import speedups

#: So many inputs come out of one seed: a block can be run again without those before it.
BLOCK = 1000

#: So many of those that come fast, for which a block of their own frames has to be worth it.
LARGE_BLOCKS = {"differential": 100_000}


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("targets", nargs="*", metavar="target", help=", ".join(TARGETS))
    add("--count", type=int, default=10_000, help="inputs of each target")
    add("--seconds", type=float, help="go on for so long instead, in all")
    add("--seed", default=str(time.time_ns()), help="for the same inputs again")
    add("--replay", type=Path, nargs="+", metavar="FILE", help="check these inputs of one target")
    add("--finds", type=Path, default=FINDS, metavar="FOLDER", help="where to keep what fails")
    add("--table", type=Path, metavar="FILE", help="add a row for each target to a page")
    add("--list", action="store_true")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.targets if name not in TARGETS]
    if unknown:
        parser.error(f"no target {', '.join(unknown)}; there are {', '.join(TARGETS)}")
    names = options.targets or list(TARGETS)
    if options.list:
        print("\n".join(f"{name:13} {about(name)}" for name in names))
        return 0
    if options.replay:
        if len(options.targets) != 1:
            parser.error("name the one target that the files are of")
        return int(sum(replay(names[0], path) for path in options.replay) > 0)
    if speedups is None:
        print("the C speedups are not built: Python is compared with itself")
    seconds = None if options.seconds is None else options.seconds / len(names)
    return int(sum(run(name, options, seconds) for name in names) > 0)


def replay(name: str, path: Path) -> bool:
    """Check an input in a file; tell whether it failed."""
    found = fault(name, load(name, path))
    print(f"{path}: {found or 'passes'}")
    return found is not None


def run(name: str, options: argparse.Namespace, seconds: float | None) -> bool:
    """Check inputs of a target; tell whether one of them failed."""
    start, cpu = time.monotonic(), time.process_time()
    done = 0
    for where, case in inputs(name, options.seed, options.count, seconds):
        found = fault(name, case)
        if found is not None:
            print(report(name, case, where, found, options.finds), flush=True)
            return True
        done += 1
    took, cpu = time.monotonic() - start, time.process_time() - cpu
    said = f"{done:,} inputs in {took:.1f} s, {cpu:.1f} s of CPU"
    print(f"{name}: {said}, --seed {options.seed}", flush=True)
    if options.table is not None:
        add_row(options.table, Row(name, "random", done, cpu, platform.python_version()))
    return False


def inputs(name: str, seed: str, count: int, seconds: float | None) -> Iterator[tuple[str, Any]]:
    """Make inputs, and say of each where it is from."""
    target = TARGETS[name]
    for number, data in enumerate(target.SEEDS):
        yield f"SEEDS[{number}]", target.read(data)
    end = None if seconds is None else time.monotonic() + seconds
    size = LARGE_BLOCKS.get(name, BLOCK)
    done = block = 0
    while time.monotonic() < end if end is not None else done < count:
        part = f"{seed}:{block}" if ":" not in seed else seed
        made = cases(name, random.Random(f"{name} {part}"))
        for number in range(size if end is not None else min(size, count - done)):
            yield f"input {number} of --seed {part}", next(made)
            done += 1
        block += 1


if __name__ == "__main__":
    sys.exit(main())
