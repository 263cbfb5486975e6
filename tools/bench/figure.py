"""Medians, spreads and ratios."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass, field

__all__ = ["CPU", "RATE", "Figures", "Key", "Measure", "ratio", "spread"]


@dataclass(frozen=True)
class Measure:
    """Something that is counted; of a rate more is better, of all else less."""

    name: str
    more_is_better: bool = False


RATE = Measure("a second", more_is_better=True)
CPU = Measure("CPU µs each")


@dataclass(frozen=True)
class Key:
    """What a series of values is of: a piece of work, and who did it."""

    work: str
    target: str
    measure: Measure


@dataclass
class Figures:
    """The values of each round, in the order of the rounds."""

    values: dict[Key, list[float]] = field(default_factory=dict)
    #: Why somebody could not do a piece of work.
    failures: dict[tuple[str, str], str] = field(default_factory=dict)
    #: What is to be known of a target in a piece of work besides its figures.
    notes: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, work: str, target: str, measure: Measure, value: float) -> None:
        self.values.setdefault(Key(work, target, measure), []).append(value)

    def add_run(self, work: str, target: str, report: dict[str, float]) -> None:
        """What the load generator or a client says of a run."""
        messages = report["messages"]
        self.add(work, target, RATE, messages / report["seconds"])
        self.add(work, target, CPU, report["cpu"] / messages * 1e6)

    def of(self, work: str, target: str, measure: Measure) -> list[float]:
        return self.values.get(Key(work, target, measure), [])

    def works(self) -> list[str]:
        return list(dict.fromkeys(key.work for key in self.values))

    def targets(self, work: str) -> list[str]:
        return list(dict.fromkeys(key.target for key in self.values if key.work == work))

    def targets_failed(self, work: str) -> list[str]:
        return [target for failed, target in self.failures if failed == work]

    def measures(self, work: str) -> list[Measure]:
        return list(dict.fromkeys(key.measure for key in self.values if key.work == work))


def spread(values: Sequence[float]) -> float:
    """From the least to the most, as a part of the median."""
    median = statistics.median(values)
    return (max(values) - min(values)) / median if median else 0.0


def ratio(measure: Measure, ours: Sequence[float], theirs: Sequence[float]) -> float:
    """How many times better ours is: the median of the ratios of the rounds.

    What was measured in the same round was measured within seconds, so that what else the
    machine did was about the same to both.
    """
    pairs = zip(ours, theirs)
    if measure.more_is_better:
        return statistics.median(one / other for one, other in pairs)
    return statistics.median(other / one if one else float("inf") for one, other in pairs)
