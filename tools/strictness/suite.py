"""Runs of many cases: which ones, how many at once, and what is kept of them."""

from __future__ import annotations

import asyncio
import fnmatch
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .case import Case
from .cases import of_role
from .targets import Target
from .verdict import FAILED, NON_STRICT, Result

__all__ = ["Run", "load_runs", "run_cases", "save_run", "selected"]


@dataclass
class Run:
    """What came of all cases for one target."""

    name: str
    role: str
    version: str = ""
    results: list[Result] = field(default_factory=list)

    @property
    def title(self) -> str:
        return f"{self.name} {self.version}".strip()

    @property
    def bad(self) -> list[Result]:
        return [result for result in self.results if result.verdict in (NON_STRICT, FAILED)]

    def areas(self) -> dict[str, Counter[str]]:
        """How often there is each verdict in each area."""
        counts: dict[str, Counter[str]] = {}
        for result in self.results:
            counts.setdefault(result.area, Counter())[result.verdict] += 1
        return counts


def selected(role: str, patterns: Sequence[str]) -> list[Case]:
    """The cases for a role whose ids match one of the patterns; all without patterns."""
    cases = of_role(role)
    if not patterns:
        return cases
    return [case for case in cases if any(fnmatch.fnmatch(case.id, p) for p in patterns)]


async def run_cases(target: Target, cases: Sequence[Case], at_once: int) -> list[Result]:
    """Play cases to a target, so many at once; gives the results in the order of the cases."""
    turns = asyncio.Semaphore(at_once)

    async def play(case: Case) -> Result:
        async with turns:
            return await target.play(case)

    return list(await asyncio.gather(*(play(case) for case in cases)))


# Kept as files, so that targets that need different environments can stand in one table


def save_run(run: Run, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    data = {
        "name": run.name,
        "role": run.role,
        "version": run.version,
        "results": [result._asdict() for result in run.results],
    }
    name = "".join(char if char.isalnum() else "-" for char in f"{run.role} {run.name}")
    folder.joinpath(f"{name}.json").write_text(json.dumps(data, indent=1), encoding="utf-8")


def load_runs(folder: Path) -> list[Run]:
    runs = []
    for path in sorted(folder.glob("*.json")):
        data = json.loads(path.read_text(encoding="utf-8"))
        results = [Result(**result) for result in data["results"]]
        runs.append(Run(data["name"], data["role"], data["version"], results))
    return runs
