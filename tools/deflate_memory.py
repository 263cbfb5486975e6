"""
Measure what the settings of permessage-deflate gain and cost, over realistic traffic.

python tools/deflate_memory.py            print Markdown tables
python tools/deflate_memory.py --write    put them into docs/deflate.md, and draw docs/deflate.svg

Sizes are of what is on the wire, in percent of the messages. Times are those of the CPU
for compressing a message and decompressing it again, in µs, the best of several rounds. Memory is what a
process grows by, in KiB for each connection that has sent and received sixty messages.
It takes some minutes, and Linux; the plot takes matplotlib. Backends that are not
installed are left out.
"""

from __future__ import annotations

import argparse
import platform
import sys
import zlib
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from bench.machine import processor
from deflate_measure import Result, Setup, is_installed, measure
from deflate_traffic import TRAFFIC, messages
from ws_deflate import PerMessageDeflate
from ws_frames import Frame, Opcode

DOCS = Path(__file__).resolve().parent.parent / "docs"
DEFAULT = Setup()
WINDOWS = [
    Setup(window_bits=bits, memory_level=memory)
    for bits, memory in [
        *[(15, 8), (15, 5), (14, 5), (13, 5), (13, 4), (12, 8), (12, 6), (12, 5), (12, 4)],
        *[(12, 3), (11, 5), (11, 4), (11, 3), (10, 4), (10, 3), (9, 2)],
    ]
]
LEVELS = [
    Setup(backend=backend, level=level)
    for backend, levels in [
        ("zlib", (1, 4, 5, 6, 9)),
        ("zlib-ng", (1, 3, 6, 7, 9)),
        ("isal", (0, 1, 2, 3)),
    ]
    for level in levels
]
TAKEOVER = [Setup(takeover=takeover) for takeover in (True, False)]
SHORT = [8, 16, 32, 48, 64, 96, 128]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    write = parser.parse_args(arguments).write
    setups = [setup for setup in {*WINDOWS, *LEVELS, *TAKEOVER} if is_installed(setup.backend)]
    results = measure(setups)
    windows = {setup: results[setup] for setup in WINDOWS}
    tables = {
        "machine": machine(),
        "windows": rows_of(windows, ["window_bits", "memory_level"]),
        "backends": rows_of(
            {setup: results[setup] for setup in LEVELS if setup in results}, ["backend", "level"]
        ),
        "takeover": rows_of({setup: results[setup] for setup in TAKEOVER}, ["takeover"]),
        "threshold": short_messages(),
    }
    for name, text in tables.items():
        print(f"\n<!-- {name} -->\n{text}")
    if write:
        insert(tables)
        draw(windows)
    return 0


def machine() -> str:
    versions = [f"Python {platform.python_version()}", f"zlib {zlib.ZLIB_RUNTIME_VERSION}"]
    for name in ("zlib-ng", "isal"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return f"{', '.join(versions)}; {processor()}."


def rows_of(results: dict[Setup, Result], names: list[str]) -> str:
    """Make a table: these settings, memory, then size and time of each kind of traffic."""
    head = [name.replace("_", " ") for name in names]
    rows = [
        [*head, "KiB", "size %", "µs", *TRAFFIC],
        ["---"] * len(head) + ["--:"] * (3 + len(TRAFFIC)),
    ]
    for setup, result in results.items():
        cells = [str(getattr(setup, name)) for name in names]
        cells += [f"{result.memory:.0f}", f"{result.size:.1f}", f"{result.time:.0f}"]
        cells += [f"{result.sizes[kind]:.1f} / {result.times[kind]:.0f}" for kind in TRAFFIC]
        if setup == DEFAULT:
            cells = [f"**{cell}**" for cell in cells]
        rows.append(cells)
    return markdown(rows)


def short_messages() -> str:
    """Make a table: bytes saved in messages that were cut to a length."""
    rows = [
        ["bytes", *(f"{kind}, {way}" for kind in ("ticks", "chat") for way in ("takeover", "none"))]
    ]
    rows.append(["--:"] * len(rows[0]))
    for size in SHORT:
        cells = [str(size)]
        for kind in ("ticks", "chat"):
            for alone in (False, True):
                extension = PerMessageDeflate(alone, alone, 12, 12, {"memLevel": 4})
                data = [message[-size:] for message in messages(kind, 300)]
                sent = [extension.encode(Frame(True, Opcode.TEXT, part)) for part in data]
                saved = sum(map(len, data)) - sum(len(frame.data) for frame in sent)
                cells.append(f"{saved / len(data):.0f}")
        rows.append(cells)
    return markdown(rows)


def markdown(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def insert(tables: dict[str, str]) -> None:
    """Replace what stands between ``<!-- name -->`` and ``<!-- end -->`` in the page."""
    page = DOCS / "deflate.md"
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        head, _, rest = text.partition(f"<!-- {name} -->\n")
        text = f"{head}<!-- {name} -->\n{table}\n{rest[rest.index('<!-- end -->') :]}"
    page.write_text(text, encoding="utf-8")


def draw(results: dict[Setup, Result]) -> None:
    """Draw size over memory, a line for each size of the window."""
    matplotlib: Any = import_module("matplotlib")  # not needed to develop
    matplotlib.use("svg")
    matplotlib.rcParams.update({"svg.hashsalt": "deflate", "svg.fonttype": "none"})
    pyplot: Any = import_module("matplotlib.pyplot")
    figure, axes = pyplot.subplots(figsize=(8, 5))
    lines: dict[int, list[tuple[float, float]]] = {}
    for setup, result in results.items():
        lines.setdefault(setup.window_bits, []).append((result.memory, result.size))
        axes.annotate(
            f"{setup.memory_level}",
            (result.memory, result.size),
            (4, 4),
            textcoords="offset points",
        )
    for bits, points in lines.items():
        axes.plot(*zip(*sorted(points)), marker="o", label=f"window of {bits} bits")
    default = results[DEFAULT]
    axes.plot(default.memory, default.size, "k*", markersize=15, label="the default", zorder=0)
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set(
        xlabel="KiB a connection",
        ylabel="size on the wire, % (mean of five kinds of traffic)",
        title="permessage-deflate: the figure at each point is memLevel",
    )
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(DOCS / "deflate.svg", metadata={"Date": None})


if __name__ == "__main__":
    sys.exit(main())
