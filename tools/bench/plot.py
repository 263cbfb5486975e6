"""Bars of the medians, drawn for pages with a light and with a dark ground."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Any

from .figure import Figures, Measure

__all__ = ["INK", "LIMIT", "OURS", "PEER", "color_of", "draw", "file_name", "prepare"]

# Read on white and on near-black alike (contrast of at least 3 : 1 with both).
OURS, PEER, LIMIT = "#2f81f7", "#8b949e", "#c77c02"
INK, SPREAD = "#7d8590", "#e5534b"
HEIGHT, WIDTH = 0.3, 7.5  # inches, of a bar and of a plot


def draw(figures: Figures, works: Iterable[str], folder: Path) -> list[Path]:
    """One file for each of these pieces of work; returns their paths."""
    prepare(folder)
    return [draw_work(figures, work, folder) for work in works]


def prepare(folder: Path) -> None:
    """Set how all plots look; make the folder for them."""
    matplotlib: Any = import_module("matplotlib")
    matplotlib.use("svg")
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "bench",
            "svg.fonttype": "none",
            "text.color": INK,
            "axes.labelcolor": INK,
            "axes.edgecolor": INK,
            "xtick.color": INK,
            "ytick.color": INK,
        }
    )
    folder.mkdir(parents=True, exist_ok=True)


def draw_work(figures: Figures, work: str, folder: Path) -> Path:
    pyplot: Any = import_module("matplotlib.pyplot")
    measures = figures.measures(work)
    targets = figures.targets(work)
    size = (WIDTH, 0.9 + HEIGHT * len(targets))
    figure, panels = pyplot.subplots(1, len(measures), figsize=size, sharey=True, squeeze=False)
    for axes, measure in zip(panels[0], measures):
        draw_measure(axes, figures, work, measure, targets)
    panels[0][0].invert_yaxis()  # the first target at the top, in all panels
    figure.suptitle(work)
    figure.tight_layout()
    path = folder / f"{file_name(work)}.svg"
    figure.savefig(path, transparent=True, metadata={"Date": None})
    pyplot.close(figure)
    return path


def draw_measure(
    axes: Any, figures: Figures, work: str, measure: Measure, targets: list[str]
) -> None:
    """Bars, with lines from the least to the most."""
    medians, errors = [], []
    for target in targets:
        values = figures.of(work, target, measure) or [0.0]
        medians.append(statistics.median(values))
        errors.append((medians[-1] - min(values), max(values) - medians[-1]))
    colors = [color_of(target) for target in targets]
    axes.barh(targets, medians, color=colors, xerr=list(zip(*errors)), ecolor=SPREAD)
    axes.set_xlabel(measure.name + (" (more is better)" if measure.more_is_better else ""))
    axes.xaxis.set_major_formatter("{x:,g}")
    axes.tick_params(axis="x", labelrotation=30)
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(axis="x", alpha=0.3)
    axes.set_axisbelow(True)


def color_of(target: str) -> str:
    if target.startswith(("ours", "C", "mask")):
        return OURS
    return LIMIT if target.startswith(("bare", "copy")) else PEER


def file_name(work: str) -> str:
    kept = "".join(letter if letter.isalnum() else " " for letter in work.lower())
    return "-".join(kept.split())
