"""Lines on logarithmic axes: what grows in proportion is straight, and what is constant is level."""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from .figure import Measure
from .plot import INK, LIMIT, OURS, PEER, file_name, prepare
from .table import number

__all__ = ["draw_lines"]

WIDTH, HEIGHT = 7.5, 2.6  # inches, of a plot and of a row of panels
FAR = 100  # times the least that an axis shows
# A colour as in plot.py and a mark, so that whoever sees no colours can tell them apart, too.
STYLES = {
    "ours": (OURS, "o"),
    "websockets": (PEER, "s"),
    "picows": ("#a371f7", "^"),
    "bare": (LIMIT, "D"),
}
OTHER = (INK, "x")

Series = Mapping[str, Mapping[int, "list[float]"]]


def draw_lines(
    name: str,
    label: str,
    ticks: Mapping[int, str],
    series: Mapping[Measure, Series],
    folder: Path,
) -> Path:
    """A row of panels for each measure, a panel for each event loop; returns the path.

    ``series`` has the values of each point of each target; ``ticks`` says what is written at a
    point.
    """
    prepare(folder)
    pyplot: Any = import_module("matplotlib.pyplot")
    loops = list(dict.fromkeys(loop_of(target) for each in series.values() for target in each))
    size = (WIDTH, 0.9 + HEIGHT * len(series))
    figure, panels = pyplot.subplots(
        len(series),
        len(loops),
        figsize=size,
        sharex=True,
        sharey="row",
        squeeze=False,
        layout="constrained",
    )
    for row, (measure, lines) in zip(panels, series.items()):
        for axes, loop in zip(row, loops):
            own = {target: line for target, line in lines.items() if loop_of(target) == loop}
            draw_panel(axes, own)
        row[0].set_ylabel(measure.name)
        label_ticks(row[0])
    for axes, loop in zip(panels[0], loops):
        axes.set_title(loop, color=INK, fontsize="medium")
    for axes in panels[-1]:
        axes.set_xticks(list(ticks), list(ticks.values()), rotation=45, ha="right")
        axes.set_xticks([], minor=True)
        axes.set_xlabel(label)
    handles, labels = panels[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels), frameon=False)
    figure.suptitle(name)
    path = folder / f"{file_name(name)}.svg"
    figure.savefig(path, transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    return path


def draw_panel(axes: Any, lines: Series) -> None:
    """Medians, with bars from the least to the most."""
    axes.set_xscale("log")
    axes.set_yscale("log")
    for target, line in lines.items():
        library, _, _ = target.rpartition(", ")
        color, mark = STYLES.get(library, OTHER)
        medians = [statistics.median(values) for values in line.values()]
        errors = [
            (median - min(values), max(values) - median)
            for median, values in zip(medians, line.values())
        ]
        axes.errorbar(
            list(line),
            medians,
            yerr=list(zip(*errors)),
            color=color,
            marker=mark,
            markersize=4,
            linewidth=1.5,
            elinewidth=0.8,
            label=library,
        )
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.3)
    axes.set_axisbelow(True)


def label_ticks(axes: Any) -> None:
    """Powers of ten and, where there are few of them, some in between."""
    ticker: Any = import_module("matplotlib.ticker")
    least, most = axes.get_ylim()
    steps = (1.0,) if most / least > FAR else (1.0, 1.5, 2.0, 3.0, 5.0, 7.0)
    axes.yaxis.set_major_locator(ticker.LogLocator(subs=steps))
    axes.yaxis.set_minor_locator(ticker.NullLocator())
    axes.yaxis.set_major_formatter(ticker.FuncFormatter(lambda value, _: number(value)))


def loop_of(target: str) -> str:
    return target.rpartition(", ")[2]
