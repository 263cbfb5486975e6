"""
Many connections, or the same ones for long: does a server or a client hold more than before?

hatch run soak churn              connect, echo, close, 100,000 times
hatch run soak idle               10,000 connections that only answer pings
hatch run soak mixed              an hour of mixed traffic, with faults

Each prints what it found as tables, and fails where a bound is broken: memory may grow by 2 MiB
between two moments when nobody is connected, tasks, descriptors and objects not at all.
"""

from __future__ import annotations

import argparse
import math
import shlex
import sys
from pathlib import Path

from soak import churn, idle, mixed
from soak.kind import KINDS, kinds_of
from soak.leaks import LEAKS
from soak.page import SECTIONS, describe_machine, write_section

LOAD = "how much of a CPU to take at most; by default as much as there is"

#: What a run says of itself, and which bounds it found broken.
Report = tuple[str, list[str]]


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    options = parse(arguments)
    machine = describe_machine()
    text, broken = RUNS[options.run](options)
    command = shlex.join(["hatch", "run", "soak", *without(["--page", "--kinds"], arguments)])
    page = f"`{command}`, on {machine}.\n\n{text}"
    print(page)
    if broken:
        print("BROKEN:", *broken, sep="\n")
        return 1
    if options.page:
        write_section(Path(options.page), options.run, page, add=options.add)
    return 0


def without(options: list[str], arguments: list[str]) -> list[str]:
    """Leave out options and their values: the page doesn't name itself, its tables the kinds."""
    kept: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument in options:
            next(rest)
        elif argument != "--add":
            kept.append(argument)
    return kept


def parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="soak", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    runs = parser.add_subparsers(dest="run", required=True)
    parsers = {name: runs.add_parser(name) for name in SECTIONS}
    for each in parsers.values():
        each.add_argument("--kinds", help=f"some of {','.join(KINDS)}; all by default")
        each.add_argument("--page", metavar="FILE", help="write what was found to FILE")
    for name in ("churn", "idle"):
        parsers[name].add_argument("--add", action="store_true", help="to the rows that are there")
    parsers["mixed"].set_defaults(add=False)
    for name in ("churn", "mixed"):
        parsers[name].add_argument("--leak", choices=LEAKS, help="plant this, to see it found")
    parsers["churn"].add_argument("--count", type=int, default=100_000)
    add = parsers["idle"].add_argument
    add("--count", type=int, default=10_000)
    add("--interval", type=float, default=20, help="seconds between pings")
    add("--pings", type=int, default=2, help="how many to wait for, of each")
    add("--deaf", type=int, default=0, help="so many answer no ping, to see it found")
    for name in ("churn", "mixed"):
        parsers[name].add_argument("--load", type=float, default=math.inf, help=LOAD)
    add = parsers["mixed"].add_argument
    add("--seconds", type=float, default=3_600)
    add("--warm-up", type=float, default=300, help="seconds, with at least two rounds")
    add("--seed", type=int, default=1)
    return parser.parse_args(arguments)


def run_churn(options: argparse.Namespace) -> Report:
    found = []
    for kind in kinds_of(options.kinds):
        found.append(churn.run_churn(kind, options.count, options.leak, options.load))
        print(f"{kind}: done", file=sys.stderr, flush=True)
    about = churn.ABOUT.format(count=options.count, warm_up=found[0].warm_up)
    broken = [excess for each in found for excess in each.broken]
    return f"{about}\n\n{churn.table_of(found)}", broken


def run_idle(options: argparse.Namespace) -> Report:
    found = []
    for kind in kinds_of(options.kinds):
        found.append(
            idle.run_idle(kind, options.count, options.interval, options.pings, options.deaf)
        )
        print(f"{kind}: done", file=sys.stderr, flush=True)
    about = idle.ABOUT.format(count=options.count, interval=options.interval, pings=options.pings)
    broken = [excess for each in found for excess in each.broken]
    return f"{about}\n\n{idle.table_of(found)}", broken


def run_mixed(options: argparse.Namespace) -> Report:
    found = mixed.run_mixed(
        kinds_of(options.kinds),
        options.seconds,
        options.warm_up,
        options.seed,
        options.load,
        options.leak,
    )
    about = mixed.ABOUT.format(
        seconds=options.seconds,
        seed=options.seed,
        warm_up=options.warm_up,
        objects=mixed.OBJECTS,
    )
    broken = [excess for each in found for excess in each.broken]
    tables = f"{mixed.table_of(found)}\nWhat was done, on all of them together:\n\n"
    return f"{about}\n\n{tables}{mixed.counts_table(found)}", broken


RUNS = {"churn": run_churn, "idle": run_idle, "mixed": run_mixed}


if __name__ == "__main__":
    sys.exit(main())
