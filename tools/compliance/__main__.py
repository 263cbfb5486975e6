"""
Run Autobahn's test suite against the server and the client of this repository.

hatch run autobahn                     the fast sections (1 to 7, 10), 15 s a run
hatch run autobahn --cases all         all of it, minutes a run
hatch run autobahn --cases 7.* 9.1.1   these

One run for each role, with the C speedups and without. Fails on anything but OK, and but
INFORMATIONAL where nothing better can be had. Without Python 2.7 it is left out;
``--require`` makes that a failure too.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from compliance.report import Run, as_data, from_data, markdown, table
from compliance.suite import ROLES, SPEEDUPS, Suite
from compliance.wstest import LeftOut, cache_directory, find_wstest

FAST = [f"{section}.*" for section in ("1", "2", "3", "4", "5", "6", "7", "10")]
COMPRESSION = ["12.*", "13.*"]


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    try:
        wstest = find_wstest(cache_directory(), options.python2)
    except LeftOut as exc:
        print(f"Autobahn's test suite is left out: {exc}")
        return 1 if options.require else 0
    cases, excluded = selected(options.cases, compression=options.compression)
    suite = Suite(wstest, cases, excluded, timeout=options.timeout, reports=options.reports)
    runs = asyncio.run(run_all(suite, options))
    if options.keep:
        runs = with_earlier(runs, options.json)
    write(runs, options)
    return 0 if all(run.passed for run in runs) else 1


def with_earlier(runs: list[Run], file: Path) -> list[Run]:
    """Put the runs in a file beside these, which are newer; in the order of the table."""
    kept = from_data(json.loads(file.read_text(encoding="utf-8"))) if file.exists() else []
    newest = {(run.speedups, run.role): run for run in [*kept, *runs]}
    kinds = [(speedups, role) for speedups in SPEEDUPS for role in ROLES]
    return [newest[kind] for kind in kinds if kind in newest]


async def run_all(suite: Suite, options: argparse.Namespace) -> list[Run]:
    """Run the suite on each role with each of the speedups, so many at a time as was asked for."""
    places = asyncio.Semaphore(options.jobs)

    async def run_one(speedups: str, role: str) -> Run:
        async with places:
            run = await suite.run(role, speedups)
        print(table(run), flush=True)
        return run

    return await asyncio.gather(
        *(run_one(speedups, role) for speedups in options.speedups for role in options.roles)
    )


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--cases", nargs="+", default=["fast"], metavar="CASE", help="fast, all, 7.*, 9.1.1, ...")
    add("--roles", nargs="+", choices=ROLES, default=ROLES)
    add("--speedups", nargs="+", choices=SPEEDUPS, default=list(SPEEDUPS))
    add("--no-compression", dest="compression", action="store_false", help="without 12 and 13")
    add("--jobs", type=int, default=1, help="how many runs at a time")
    add("--timeout", type=float, default=3600, help="seconds that a run may take")
    add("--python2", type=Path, metavar="PATH", help="the Python 2.7 to make an environment with")
    add("--require", action="store_true", help="fail where the suite can't be had")
    add("--reports", type=Path, metavar="FOLDER", help="keep the suite's reports and logs there")
    add("--json", type=Path, metavar="FILE", help="write all results there")
    add(
        "--keep",
        action="store_true",
        help="leave those of other kinds in that file, and count them",
    )
    add("--table", type=Path, metavar="FILE", help="write a table in Markdown there")
    options = parser.parse_args(arguments)
    if options.keep and options.json is None:
        parser.error("--keep needs --json")
    return options


def selected(cases: Sequence[str], *, compression: bool = True) -> tuple[list[str], list[str]]:
    """Give the patterns of the cases to run, and of those to leave out."""
    patterns: list[str] = []
    for case in cases:
        patterns += {"fast": FAST, "all": ["*"]}.get(case, [case])
    return patterns, [] if compression else COMPRESSION


def write(runs: list[Run], options: argparse.Namespace) -> None:
    if options.json is not None:
        options.json.write_text(json.dumps(as_data(runs), indent=2) + "\n", encoding="utf-8")
    if options.table is not None:
        options.table.write_text(markdown(runs), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
