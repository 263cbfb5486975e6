"""What a connection's memory consists of: a table that sums up, and bars of its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from .figure import Figures, Measure
from .plot import LIMIT, OURS, PEER, file_name, prepare
from .table import markdown, number

__all__ = ["BEYOND", "BYTES", "NUMBER", "OBJECTS", "OUTSIDE", "RESIDENT", "Inventory", "told"]

NUMBER = Measure("objects/connection")
BYTES = Measure("bytes/connection")
# The parts of the memory, and all of it.
OBJECTS = "all these objects"
BEYOND = "what they have allocated besides, by Python's allocators"
OUTSIDE = "by other allocators, and what was lost between blocks"
RESIDENT = "resident memory (RSS)"
PARTS = {OBJECTS: OURS, BEYOND: LIMIT, OUTSIDE: PEER}
PLACES = 3  # that are told of a type


@dataclass(frozen=True)
class Inventory:
    name: str
    #: The pieces of work, and what they are called in the head of a column.
    states: Mapping[str, str]

    def works(self) -> list[str]:
        return list(self.states)

    def text(self, figures: Figures) -> str:
        head = ["type", "where"]
        for state in self.states.values():
            head += [f"{state}: objects", "bytes"]
        totals = [OBJECTS, BEYOND, OUTSIDE, RESIDENT]
        rows = [self.row(figures, kind, strong=False) for kind in self.types(figures)]
        rows += [self.row(figures, total, strong=True) for total in totals]
        return markdown(head, rows)

    def types(self, figures: Figures) -> list[str]:
        """The largest first, by the last state, in which there is the most."""
        found = {kind for work in self.states for kind in figures.targets(work)}
        found -= {OBJECTS, BEYOND, OUTSIDE, RESIDENT}
        return sorted(found, key=lambda kind: (-self.most(figures, kind), kind))

    def most(self, figures: Figures, kind: str) -> float:
        return max(value_of(figures, work, kind, BYTES) for work in self.states)

    def row(self, figures: Figures, target: str, *, strong: bool) -> list[str]:
        cells = [f"**{target}**" if strong else f"`{target}`", self.where(figures, target)]
        for work in self.states:
            objects = value_of(figures, work, target, NUMBER)
            size = value_of(figures, work, target, BYTES)
            cells += [number(round(objects, 2)) if objects else "", f"{size:,.0f}"]
        return cells

    def where(self, figures: Figures, target: str) -> str:
        notes = [figures.notes.get((work, target), "") for work in self.states]
        return max(notes, key=len)

    def draw(self, figures: Figures, folder: Path) -> Path:
        """A bar for each state, of three parts."""
        prepare(folder)
        pyplot: Any = import_module("matplotlib.pyplot")
        figure, axes = pyplot.subplots(figsize=(7.5, 1.3 + 0.4 * len(self.states)))
        ends = [0.0] * len(self.states)
        for part, color in PARTS.items():
            sizes = [value_of(figures, work, part, BYTES) / 1024 for work in self.states]
            axes.barh(list(self.states.values()), sizes, left=ends, color=color, label=part)
            ends = [end + size for end, size in zip(ends, sizes)]
        axes.invert_yaxis()
        axes.set_xlabel("KiB/connection")
        axes.legend(frameon=False, fontsize="small", loc="lower center", bbox_to_anchor=(0.4, 1))
        axes.spines[["top", "right"]].set_visible(False)
        path = folder / f"{file_name(self.name)}.svg"
        figure.savefig(path, transparent=True, metadata={"Date": None}, bbox_inches="tight")
        pyplot.close(figure)
        return path


def value_of(figures: Figures, work: str, target: str, measure: Measure) -> float:
    return sum(figures.of(work, target, measure)[:1])


def told(places: list[str]) -> str:
    """Some of the places, as Markdown."""
    text = ", ".join(f"`{place}`" for place in places[:PLACES])
    more = len(places) - PLACES
    return f"{text} and {more} more" if more > 0 else text
