"""What Autobahn's test suite found: judged, and told as a table, as Markdown and as data."""

from __future__ import annotations

import json
import platform
from collections import Counter
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

from compliance.wstest import SUITE

SECTIONS = {
    "1": "framing",
    "2": "pings and pongs",
    "3": "reserved bits",
    "4": "opcodes",
    "5": "fragmentation",
    "6": "UTF-8",
    "7": "closing",
    "9": "limits, performance",
    "10": "autofragmentation",
    "12": "compression, payloads",
    "13": "compression, parameters",
}

# From good to bad. How a case ended counts as much as what was said in it.
VERDICTS = ("OK", "INFORMATIONAL", "NON-STRICT", "UNIMPLEMENTED", "FAILED")

# Those for which RFC 6455 leaves open what has to be done, so that none can be OK.
INFORMATIONAL = ("7.1.6", "7.13.1", "7.13.2")

PAGE = """\
# Compliance

What [Autobahn's test suite](https://github.com/crossbario/autobahn-testsuite) ({suite}) says of an
echo server and an echo client that use ws-asyncio {stack}, on {python}, {machine}. INFORMATIONAL is its
word for what RFC 6455 leaves open.

{table}

`hatch run autobahn --cases all --table docs/compliance.md` writes this page; it takes a Python 2.7.
"""

SPOKEN = {"c": "C", "python": "pure Python"}


@dataclass
class Case:
    """How one case of the suite ended."""

    id: str
    verdict: str
    about: str = ""

    @property
    def good(self) -> bool:
        return self.verdict == "OK" or (
            self.verdict == "INFORMATIONAL" and self.id in INFORMATIONAL
        )


@dataclass
class Run:
    """All cases of the suite against one role of one implementation."""

    role: str
    speedups: str
    seconds: float = 0.0
    cases: list[Case] = field(default_factory=list)
    #: What keeps the run from counting, besides the verdicts.
    complaint: str = ""

    @property
    def title(self) -> str:
        return f"{self.role}, {SPOKEN[self.speedups]}"

    @property
    def bad(self) -> list[Case]:
        return [case for case in self.cases if not case.good]

    @property
    def passed(self) -> bool:
        return bool(self.cases) and not self.bad and not self.complaint

    def sections(self) -> dict[str, Counter[str]]:
        """How often there is each verdict in each section."""
        counts: dict[str, Counter[str]] = {}
        for case in sorted(self.cases, key=lambda case: in_order(case.id)):
            counts.setdefault(case.id.partition(".")[0], Counter())[case.verdict] += 1
        return counts


# Judging it


def judge(id: str, entry: dict[str, Any], folder: Path) -> Case:
    """Take the worse of what was said in the case and how it was closed."""
    said, closed = entry["behavior"], entry["behaviorClose"]
    # Some say more than the five, such as UNCLEAN or WRONG CODE; none of those is good.
    verdict = max((known(said), known(closed)), key=VERDICTS.index)
    if verdict == "OK":
        return Case(id, verdict)
    about = f"behavior {said}, close {closed}"
    report = folder / entry.get("reportfile", "")
    if report.is_file():
        details = json.loads(report.read_text(encoding="utf-8"))
        about += f"; {details.get('result')} {details.get('resultClose')}"
    return Case(id, verdict, about)


def known(behavior: str) -> str:
    return behavior if behavior in VERDICTS else "FAILED"


def in_order(id: str) -> list[int]:
    return [int(number) for number in id.split(".")]


# Telling it


def table(run: Run) -> str:
    lines = [f"\n{run.title}: {len(run.cases)} cases in {run.seconds:.1f} s"]
    lines.append(" ".join([f"{'section':28}", *VERDICTS]))
    for section, counts in run.sections().items():
        name = f"{section:>2} {SECTIONS.get(section, '')}"
        numbers = [f"{counts[verdict] or '-':>{len(verdict)}}" for verdict in VERDICTS]
        lines.append(" ".join([f"{name:28}", *numbers]))
    for case in sorted(run.bad, key=lambda case: in_order(case.id)):
        lines.append(f"{case.id}: {case.verdict}: {case.about}")
    if run.complaint:
        lines.append(f"FAILED: {run.complaint}")
    return "\n".join(lines)


def as_data(runs: list[Run]) -> dict[str, Any]:
    return {
        "versions": versions(),
        "runs": [
            {
                "role": run.role,
                "speedups": run.speedups,
                "passed": run.passed,
                "seconds": round(run.seconds, 1),
                "complaint": run.complaint,
                "sections": run.sections(),
                "cases": {case.id: case.verdict for case in run.cases},
            }
            for run in runs
        ],
    }


def from_data(data: dict[str, Any]) -> list[Run]:
    """The runs that :func:`as_data` wrote, but for what was said of bad cases."""
    return [
        Run(
            each["role"],
            each["speedups"],
            each["seconds"],
            [Case(id, verdict) for id, verdict in each["cases"].items()],
            each["complaint"],
        )
        for each in data["runs"]
    ]


def markdown(runs: list[Run]) -> str:
    """The page of the documentation, with a column for each run."""
    return PAGE.format(**versions(), table="\n".join(markdown_table(runs)))


def markdown_table(runs: list[Run]) -> list[str]:
    sections = [section for section in SECTIONS if any(section in run.sections() for run in runs)]
    rows = [["section", *(run.title for run in runs)], ["---"] * (len(runs) + 1)]
    for section in sections:
        cells = [in_words(run.sections().get(section, Counter())) for run in runs]
        rows.append([f"{section}: {SECTIONS[section]}", *cells])
    totals = [in_words(Counter(case.verdict for case in run.cases)) for run in runs]
    rows.append(["all", *totals])
    return ["| " + " | ".join(row) + " |" for row in rows]


def in_words(counts: Counter[str]) -> str:
    return ", ".join(f"{counts[each]} {each}" for each in VERDICTS if counts[each]) or "not run"


def versions() -> dict[str, str]:
    return {
        "suite": SUITE,
        "stack": version("ws-asyncio"),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "machine": f"{platform.system()} {platform.machine()}",
    }
