"""Targets, and whether they are met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from .figure import CPU, RATE, Figures, Measure, ratio

__all__ = ["Goal", "Limit", "Verdict", "judge"]


@dataclass(frozen=True)
class Goal:
    """To be at least so many times as good as the best of these others."""

    work: str
    subject: str
    others: tuple[str, ...]
    least: float
    measure: Measure = RATE
    beside: Measure | None = CPU


@dataclass(frozen=True)
class Limit:
    """To be at most this."""

    work: str
    subject: str
    measure: Measure
    most: float


@dataclass(frozen=True)
class Verdict:
    work: str
    subject: str
    against: str
    wanted: str
    found: float
    beside: float | None
    met: bool
    met_beside: bool | None = None


def judge(goals: Sequence[Goal | Limit], figures: Figures) -> list[Verdict]:
    """One for each target whose figures are there."""
    verdicts = (judge_one(goal, figures) for goal in goals)
    return [verdict for verdict in verdicts if verdict is not None]


def judge_one(goal: Goal | Limit, figures: Figures) -> Verdict | None:
    ours = figures.of(goal.work, goal.subject, goal.measure)
    if (goal.work, goal.subject) in figures.failures:
        return Verdict(goal.work, goal.subject, "", "to work at all", 0, None, False)
    if not ours:
        return None
    if isinstance(goal, Limit):
        found = statistics.median(ours)
        wanted = f"≤ {goal.most:g} {goal.measure.name}"
        return Verdict(goal.work, goal.subject, "", wanted, found, None, found <= goal.most)
    wanted = f"≥ {goal.least:g} x" + (f" {goal.measure.name}" if goal.measure is not RATE else "")
    ratios = ratios_of(goal, goal.measure, figures)
    if not ratios:
        failed = [other for other in goal.others if (goal.work, other) in figures.failures]
        inf = float("inf")
        return (
            Verdict(goal.work, goal.subject, failed[0], wanted, inf, None, True) if failed else None
        )
    best = min(ratios, key=ratios.__getitem__)
    found = ratios[best]
    beside = None
    if goal.beside is not None:
        others = ratios_of(goal, goal.beside, figures)
        beside = min(others.values()) if others else None
    met_beside = None if beside is None else beside >= goal.least
    return Verdict(
        goal.work, goal.subject, best, wanted, found, beside, found >= goal.least, met_beside
    )


def ratios_of(goal: Goal, measure: Measure, figures: Figures) -> dict[str, float]:
    """How many times better the subject is than each of the others that were measured."""
    ours = figures.of(goal.work, goal.subject, measure)
    found = {}
    for other in goal.others:
        theirs = figures.of(goal.work, other, measure)
        if ours and theirs:
            found[other] = ratio(measure, ours, theirs)
    return found
