"""Targets, and whether they are met."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Union

from .figure import CPU, RATE, Figures, Measure, ratio

__all__ = ["Aim", "Goal", "Limit", "Straight", "Verdict", "judge"]


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
class Straight:
    """From each of these pieces of work to the next, to become at most so many times as dear.

    Their names end in ``: `` and what has grown. The measure is of one unit of that: 1 is linear.
    """

    work: str
    works: tuple[str, ...]
    subject: str
    measure: Measure
    most: float


Aim = Union[Goal, Limit, Straight]


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


def judge(goals: Sequence[Aim], figures: Figures) -> list[Verdict]:
    """One for each target whose figures are there."""
    verdicts = (judge_one(goal, figures) for goal in goals)
    return [verdict for verdict in verdicts if verdict is not None]


def judge_one(goal: Aim, figures: Figures) -> Verdict | None:
    if isinstance(goal, Straight):
        return judge_growth(goal, figures)
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


def judge_growth(goal: Straight, figures: Figures) -> Verdict | None:
    """By the worst step; ``against`` says which that is."""
    failed = [work for work in goal.works if (work, goal.subject) in figures.failures]
    if failed:
        return Verdict(failed[0], goal.subject, "", "to work at all", 0, None, False)
    series = {work: figures.of(work, goal.subject, goal.measure) for work in goal.works}
    steps = {
        (before, after): ratio(goal.measure, series[before], series[after])
        for before, after in zip(goal.works, goal.works[1:])
        if series[before] and series[after]
    }
    if not steps:
        return None
    worst = max(steps, key=steps.__getitem__)
    found = steps[worst]
    before, after = (work.rpartition(": ")[2] for work in worst)
    wanted = f"≤ {goal.most:g} x {goal.measure.name}"
    step = f"from {before} to {after}"
    return Verdict(goal.work, goal.subject, step, wanted, found, None, found <= goal.most)


def ratios_of(goal: Goal, measure: Measure, figures: Figures) -> dict[str, float]:
    """How many times better the subject is than each of the others that were measured."""
    ours = figures.of(goal.work, goal.subject, measure)
    found = {}
    for other in goal.others:
        theirs = figures.of(goal.work, other, measure)
        if ours and theirs:
            found[other] = ratio(measure, ours, theirs)
    return found
