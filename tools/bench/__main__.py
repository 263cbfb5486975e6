"""
Measure this project beside its peers, row by row of the table of targets.

hatch run bench:quick             what is most used, in about a minute and a half
hatch run bench:all               all of it, in half an hour, with plots in docs/bench
hatch run bench:scaling           how costs grow, in seven minutes
hatch run bench:objects           what a connection's memory consists of
hatch run bench:row server-one    these rows
hatch run bench:list              what rows there are

Servers and clients are processes of their own. Each round measures every target once, one after
the other, and the figures are the medians of the rounds; ± is from the least to the most, as a
part of the median. "ours is" and the verdicts are medians of the ratios of the rounds. The CPU
time is that of the process under test alone, user and system: where other programs use the
machine too, it is the figure to go by.

All processes share one CPU, but for the row that says otherwise. So messages a second are of the program under test and its peer
together; but nothing is measured of how long a sleeping CPU takes to wake, which in virtual
machines is more than all else, and differs by a factor of four from one moment to the next.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import (
    broadcast_row,
    client_row,
    deflate_row,
    frames_row,
    garbage_row,
    handshake_row,
    idle_row,
    import_row,
    large_row,
    memory_row,
    objects_row,
    processes_row,
    scaling_row,
    server_row,
)
from .figure import Figures
from .machine import describe, load_average
from .page import page, renewed, shown
from .plot import draw
from .row import Effort, Row
from .table import figures_table, verdicts_table
from .verdict import judge

MODULES = (
    server_row,
    client_row,
    large_row,
    deflate_row,
    handshake_row,
    broadcast_row,
    frames_row,
    scaling_row,
    processes_row,
    memory_row,
    objects_row,
    garbage_row,
    import_row,
    idle_row,
)
ROWS: dict[str, Row] = {row.name: row for module in MODULES for row in module.ROWS}
QUICK = Effort(rounds=5, seconds=0.07, quick=True)
WHOLE = Effort(rounds=5, seconds=0.15)


def main(arguments: Sequence[str] | None = None) -> int:
    options = read_options(arguments)
    if options.list:
        print("\n".join(f"{row.name:19} {row.about}" for row in ROWS.values()))
        return 0
    effort = QUICK if options.quick else WHOLE
    effort = Effort(options.rounds or effort.rounds, effort.seconds, effort.quick)
    if not options.all_cpus:
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    about = {"command": f"`{command_of(options)}`", **describe()}
    about["settings"] = f"rounds: {effort.rounds}; seconds for each: {effort.seconds:g}"
    print("\n".join(f"{name}: {value}" for name, value in about.items()))
    figures = Figures()
    rows = chosen(options)
    for row in rows:
        measure(row, effort, figures)
    about["load average after"] = load_average()
    print(f"\nload average now {about['load average after']}")
    if options.json:
        save(options.json, about, figures)
    if options.page:
        write(options, about, figures, rows)
    if options.plots:
        works = shown(rows, figures) if options.page else figures.works()
        for path in draw_all(rows, works, figures, options.plots):
            print(path)
    return 0


def write(
    options: argparse.Namespace, about: dict[str, str], figures: Figures, rows: list[Row]
) -> None:
    """Write the page, or what one that is there already has of some rows."""
    path: Path = options.page
    plots = os.path.relpath(options.plots, path.parent)
    if options.rows and path.exists():
        text = renewed(path.read_text(encoding="utf-8"), about, figures, rows, plots)
    else:
        text = page(about, figures, rows, plots)
    path.write_text(text, encoding="utf-8")


def command_of(options: argparse.Namespace) -> str:
    """What to type for the same again."""
    words = ["hatch run bench:row" if options.rows else "hatch run bench:all"]
    if options.quick:
        words = ["hatch run bench:quick"]
    words += options.rows
    if options.rounds:
        words.append(f"--rounds {options.rounds}")
    return " ".join(words)


def read_options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="bench", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="for a shorter time, and less")
    parser.add_argument("--rounds", type=int, help="how often each target is measured")
    parser.add_argument("--all-cpus", action="store_true", help="do not keep to one of the CPUs")
    parser.add_argument("--json", type=Path, metavar="FILE", help="where to put all figures")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="where to draw all figures")
    parser.add_argument(
        "--page",
        type=Path,
        metavar="FILE",
        help="where to put all tables; some rows replace theirs",
    )
    parser.add_argument("--list", action="store_true", help="say what rows there are")
    parser.add_argument("rows", nargs="*", metavar="row", help="only these")
    options = parser.parse_args(arguments)
    if options.page and not options.plots:
        parser.error("--page needs --plots")
    unknown = [name for name in options.rows if name not in ROWS]
    if unknown:
        parser.error(f"no row {', '.join(unknown)}; there are {', '.join(ROWS)}")
    return options


def chosen(options: argparse.Namespace) -> list[Row]:
    if options.rows:
        return [ROWS[name] for name in options.rows]
    return [row for row in ROWS.values() if row.in_quick or not options.quick]


def measure(row: Row, effort: Effort, figures: Figures) -> None:
    """Measure a row, and print what came out as soon as it is there."""
    known = set(figures.works())
    start = time.monotonic()
    print(f"\n## {row.name}: {row.about}", flush=True)
    row.measure(effort, figures)
    together = [work for display in row.displays for work in display.works()]
    for work in figures.works():
        if work not in known and work not in together:
            print(f"\n{figures_table(figures, work)}")
    for display in row.displays:
        print(f"\n{display.name}\n\n{display.text(figures)}")
    print(f"\n{verdicts_table(judge(row.goals, figures))}")
    print(f"\n{time.monotonic() - start:.0f} s", flush=True)


def draw_all(
    rows: Sequence[Row], works: Sequence[str], figures: Figures, folder: Path
) -> list[Path]:
    """Bars of each piece of work, and what the rows have for several of them together."""
    displays = [display for row in rows for display in row.displays]
    together = {work for display in displays for work in display.works()}
    bars = draw(figures, [work for work in works if work not in together], folder)
    return bars + [display.draw(figures, folder) for display in displays]


def save(path: Path, about: dict[str, str], figures: Figures) -> None:
    series = [
        {
            "work": key.work,
            "target": key.target,
            "measure": key.measure.name,
            "median": statistics.median(values),
            "values": values,
        }
        for key, values in figures.values.items()
    ]
    verdicts = [vars(verdict) for row in ROWS.values() for verdict in judge(row.goals, figures)]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"about": about, "verdicts": verdicts, "figures": series}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
