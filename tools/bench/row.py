"""Rows of the table of targets: what each measures, and what has to come out."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Protocol

from .figure import Figures
from .load import LoadFailed
from .program import ProgramFailed
from .verdict import Aim

__all__ = ["Display", "Effort", "Row", "attempt", "in_turns"]


@dataclass(frozen=True)
class Effort:
    """How much to do: the quick form measures for a shorter time, and less of it."""

    rounds: int = 5
    seconds: float = 0.4
    quick: bool = False


class Display(Protocol):
    """How several pieces of work are shown together, instead of each by itself."""

    @property
    def name(self) -> str:
        """What it is called, and, made into the name of a file, its plot."""

    def works(self) -> list[str]:
        """What it shows, if it was measured."""

    def text(self, figures: Figures) -> str:
        """Tables, and what has to be said of them."""

    def draw(self, figures: Figures, folder: Path) -> Path:
        """Draw it, and return the path."""


@dataclass(frozen=True)
class Row:
    name: str
    about: str
    measure: Callable[[Effort, Figures], None]
    goals: Sequence[Aim]
    in_quick: bool = False
    displays: Sequence[Display] = ()
    #: What has to be said on the page before the figures.
    note: str = ""


def in_turns(rounds: int, runs: Iterable[Callable[[], None]]) -> None:
    """Run them all, then all of them again: A B C A B C, so that noise hits all alike."""
    listed = list(runs)
    for run in itertools.chain.from_iterable(itertools.repeat(listed, rounds)):
        run()


def attempt(work: str, target: str, figures: Figures, run: Callable[[], None]) -> None:
    """Run it, unless this target has failed at this work before; note why if it fails."""
    if (work, target) in figures.failures:
        return
    try:
        run()
    except (LoadFailed, ProgramFailed) as exc:
        figures.failures[work, target] = str(exc).splitlines()[-1]
