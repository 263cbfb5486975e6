"""
Run the strictness suite: what a WebSocket server or client makes of good and bad bytes.

python tools/check_strictness.py                               the packages of this repository
python tools/check_strictness.py --peers                       others, as far as they are there
python tools/check_strictness.py --server ws://localhost:8000/ a server that echoes
python tools/check_strictness.py --client 'command {uri}'      a client that echoes
python tools/check_strictness.py --list                        say what cases there are

Results are kept in a folder, so that ``--table`` can write a page of those of several runs.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from strictness.case import CLIENT, SERVER
from strictness.conversation import Timing
from strictness.peers import OURS, PEERS, Missing, Program
from strictness.report import listing, page, table
from strictness.suite import Run, load_runs, run_cases, save_run, selected
from strictness.targets import ClientTarget, ServerTarget, Target, command_client, command_server

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "build" / "strictness"

#: Cases at once. A client takes a process each, which a server doesn't.
AT_ONCE = {SERVER: 8, CLIENT: 4}


def main(arguments: Sequence[str] | None = None) -> int:
    options = parse(arguments)
    if options.list:
        print(listing())
        return 0
    if options.table is not None:
        today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
        options.table.write_text(
            page(in_order(load_runs(options.results)), today), encoding="utf-8"
        )
        return 0
    runs = asyncio.run(run_all(options))
    return 0 if runs and not any(run.bad for run in runs) else 1


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--server", metavar="URI", help="look at the server there")
    add("--client", metavar="COMMAND", help="look at the client that this starts")
    add("--peers", action="store_true", help="look at those that are not ours")
    add("--only", nargs="+", metavar="NAME", help="look at these of them, or of ours")
    add("--cases", nargs="+", default=[], metavar="PATTERN", help="closing/*, ...")
    add("--roles", nargs="+", choices=list(AT_ONCE), default=list(AT_ONCE))
    add("--no-commands", dest="commands", action="store_false", help="it knows no /close")
    add("--timeout", type=float, default=Timing().answer, help="seconds that an answer may take")
    add("--verbose", action="store_true", help="say what came out in each case")
    add("--list", action="store_true", help="say what cases there are")
    add("--results", type=Path, default=RESULTS, metavar="FOLDER", help="where results are kept")
    add("--table", type=Path, metavar="FILE", help="write a page of the results that are kept")
    return parser.parse_args(arguments)


async def run_all(options: argparse.Namespace) -> list[Run]:
    if options.server is not None:
        target: Target = ServerTarget(options.server, timing(options), commands=options.commands)
        return [await look_at(target, Run(options.server, SERVER), options)]
    if options.client is not None:
        start = command_client(options.client, {})
        target = ClientTarget(start, timing(options), commands=options.commands)
        return [await look_at(target, Run(options.client, CLIENT), options)]
    runs = []
    for program in PEERS if options.peers else OURS:
        if options.only is None or program.name in options.only:
            runs += await run_program(program, options)
    return runs


async def run_program(program: Program, options: argparse.Namespace) -> list[Run]:
    try:
        version, environment = program.prepare(RESULTS / "npm")
    except Missing as exc:
        print(f"{program.name} is left out: {exc}", flush=True)
        return []
    runs = []
    for role in program.roles:
        if role not in options.roles:
            continue
        run = Run(program.name, role, version)
        command = program.command(role)
        if role == CLIENT:
            target: Target = ClientTarget(command_client(command, environment), timing(options))
            runs.append(await look_at(target, run, options))
            continue
        async with command_server(command, environment) as uri:
            runs.append(await look_at(ServerTarget(uri, timing(options)), run, options))
    return runs


async def look_at(target: Target, run: Run, options: argparse.Namespace) -> Run:
    run.results = await run_cases(target, selected(run.role, options.cases), AT_ONCE[run.role])
    print(table(run, verbose=options.verbose), flush=True)
    if not options.cases and options.server is None and options.client is None:
        save_run(run, options.results)
    return run


def timing(options: argparse.Namespace) -> Timing:
    return Timing(answer=options.timeout)


def in_order(runs: list[Run]) -> list[Run]:
    names = [program.name for program in (*OURS, *PEERS)]
    known = [run for run in runs if run.name in names]
    return sorted(known, key=lambda run: names.index(run.name))


if __name__ == "__main__":
    # Programs that were started are ended on the way out.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    sys.exit(main())
