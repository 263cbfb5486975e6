"""Figures and verdicts as Markdown."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from .figure import Figures, Measure, ratio, spread
from .verdict import Verdict

__all__ = ["figures_table", "markdown", "number", "verdicts_table"]


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]], left: int = 2) -> str:
    """A table whose columns are as wide as what they hold; all but some go to the right."""
    widths = [max(3, *map(len, column)) for column in zip(head, *rows)]
    ends = ["-" * width if i < left else "-" * (width - 1) + ":" for i, width in enumerate(widths)]
    lines = [head, ends, *rows]
    return "\n".join(
        "| "
        + " | ".join(
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths))
        )
        + " |"
        for line in lines
    )


def number(value: float) -> str:
    """Three figures or, of large numbers, all before the point."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def figures_table(figures: Figures, work: str) -> str:
    """Each target's medians and spreads, and what times better ours is by each measure."""
    measures = figures.measures(work)
    targets = figures.targets(work)
    head = [work, ""]
    for measure in measures:
        head += [measure.name, "±", "ours is"]
    rows = []
    for target in targets:
        cells = [target, ""]
        for measure in measures:
            cells += cells_of(figures, work, target, measure)
        rows.append(cells)
    table = markdown(head, rows)
    for target in figures.targets_failed(work):
        table += f"\n\n{target} could not: {figures.failures[work, target]}"
    return table


def cells_of(figures: Figures, work: str, target: str, measure: Measure) -> list[str]:
    values = figures.of(work, target, measure)
    if not values:
        return ["", "", ""]
    name, _, loop = target.rpartition(", ")
    ours = figures.of(work, f"ours, {loop}" if name else "ours", measure)
    same = target.startswith("ours")
    times = f"{ratio(measure, ours, values):.2f} x" if ours and not same else ""
    return [number(statistics.median(values)), f"{spread(values):.0%}", times]


def verdicts_table(verdicts: Sequence[Verdict]) -> str:
    """One row for each target."""
    head = ["work", "subject", "against", "wanted", "found", "verdict", "by CPU", "verdict by CPU"]
    rows = []
    for verdict in verdicts:
        unit = " x" if verdict.against else ""
        beside = verdict.beside
        rows.append(
            [
                verdict.work,
                verdict.subject,
                verdict.against,
                verdict.wanted,
                f"{verdict.found:.3g}{unit}",
                word(verdict.met),
                "" if beside is None else f"{beside:.3g} x",
                "" if verdict.met_beside is None else word(verdict.met_beside),
            ]
        )
    return markdown(head, rows)


def word(met: bool) -> str:
    return "MET" if met else "NOT MET"
