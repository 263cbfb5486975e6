"""One piece of work at growing sizes: a table with a row for each, and lines."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

from .figure import Figures, Measure, spread
from .lines import draw_lines
from .table import markdown, number

__all__ = ["Curve", "short"]

UNITS = {2**20: "MiB", 2**10: "KiB", 1: "B"}


@dataclass(frozen=True)
class Curve:
    name: str
    #: What grows.
    label: str
    points: tuple[int, ...]
    #: What is told of each point.
    measures: tuple[Measure, ...]
    #: What grows is a number of bytes.
    in_bytes: bool = False

    def point(self, point: int) -> str:
        return short(point) if self.in_bytes else f"{point:,}"

    def work(self, point: int) -> str:
        """The name of the piece of work that a point is."""
        return f"{self.name}, {self.label}: {self.point(point)}"

    def works(self, start: int = 0) -> list[str]:
        return [self.work(point) for point in self.points if point >= start]

    def targets(self, figures: Figures) -> list[str]:
        found = (target for work in self.works() for target in figures.targets(work))
        return list(dict.fromkeys(found))

    def values(self, figures: Figures, target: str, measure: Measure) -> dict[int, list[float]]:
        """What was measured at each point at which there is something."""
        found = {point: figures.of(self.work(point), target, measure) for point in self.points}
        return {point: values for point, values in found.items() if values}

    def text(self, figures: Figures) -> str:
        """A table for each measure, and who could not do what."""
        tables = [self.table(figures, measure) for measure in self.measures]
        return "\n\n".join([*tables, *self.failed(figures)])

    def table(self, figures: Figures, measure: Measure) -> str:
        targets = self.targets(figures)
        series = {target: self.values(figures, target, measure) for target in targets}
        rows = [
            [self.point(point), *(cell(series[target].get(point)) for target in targets)]
            for point in self.points
            if any(point in values for values in series.values())
        ]
        return markdown([f"{measure.name}, by {self.label}", *targets], rows, left=1)

    def failed(self, figures: Figures) -> list[str]:
        return [
            f"{target} could not at {self.point(point)}: {figures.failures[work, target]}"
            for point, work in zip(self.points, self.works())
            for target in figures.targets_failed(work)
        ]

    def draw(self, figures: Figures, folder: Path) -> Path:
        """A row of panels for each measure, a panel for each event loop."""
        series = {
            measure: {
                target: self.values(figures, target, measure) for target in self.targets(figures)
            }
            for measure in self.measures
        }
        ticks = {point: self.point(point) for point in self.points}
        return draw_lines(self.name, self.label, ticks, series, folder)


def cell(values: list[float] | None) -> str:
    return f"{number(statistics.median(values))} ± {spread(values):.0%}" if values else ""


def short(size: int) -> str:
    """Bytes, in the largest unit that gives a whole number."""
    unit = next(unit for unit in UNITS if size % unit == 0)
    return f"{size // unit} {UNITS[unit]}"
