"""The page of the documentation: where it was measured, and each row's tables and plots."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from .figure import Figures
from .plot import file_name
from .row import Row
from .table import figures_table, verdicts_table
from .verdict import judge

__all__ = ["page", "renewed", "shown"]

HEAD = """\
# Performance, measured

What `tools/bench` found on one machine, in one run unless it says otherwise. [Performance](explanation/performance.md) says what the figures mean, where others are
faster, and what you can do.

{about}

- *Figures* are medians of the rounds. *±* is from the least to the most of them, as a part of the median: the noise of the
  machine. A difference that is smaller says nothing.
- *CPU* is the time of the process under test alone, user and system. It depends less than the clock on what else the machine did.
- *ours is* so many times better: the median of the ratios of the rounds, in which all are measured within seconds.
- *bare* is an `asyncio.Protocol` that sends back bytes without reading them: the limit of the event loop. *picows* is its core
  of callbacks, *ours, fast* is with the transports of aiofastnet.
- *websockets* is the project of that name on PyPI.
- All processes share one CPU unless it says otherwise.

To repeat this, type these, with the command from the list above in place of the last one:

```console
$ python3 -m venv .venv && .venv/bin/pip install hatch
$ export PATH="$PWD/.venv/bin:$PATH"
$ hatch run bench:list
```

It needs Linux and a C compiler, for the load generator."""

AGAIN = """\
Measured again by itself: {command}, {date}, {CPU}; load average before {load average before}, after {load average after}."""


def page(about: Mapping[str, str], figures: Figures, rows: Sequence[Row], plots: str) -> str:
    """Make it in Markdown; ``plots`` is the folder of the plots, seen from the page."""
    head = HEAD.format(about="\n".join(f"- {name}: {value}" for name, value in about.items()))
    sections = [section(row, figures, plots) for row in rows if judge(row.goals, figures)]
    return "\n\n".join([head, *sections]) + "\n"


def renewed(
    before: str, about: Mapping[str, str], figures: Figures, rows: Sequence[Row], plots: str
) -> str:
    """Put rows that were measured by themselves in place of what a page has of them.

    What could not be measured stays as it is.
    """
    again = AGAIN.format_map(about)
    for row in rows:
        if not judge(row.goals, figures):
            continue
        start = before.find(f"\n{heading(row)}\n") + 1
        if not start:
            raise ValueError(f"the page has no section {heading(row)!r}")
        end = before.find("\n## ", start)
        after = "" if end < 0 else before[end:]
        before = before[:start] + section(row, figures, plots, again) + "\n" + after
    return before


def heading(row: Row) -> str:
    return f"## {row.about[0].upper()}{row.about[1:]}"


def section(row: Row, figures: Figures, plots: str, again: str = "") -> str:
    """What the page has of a row; ``again`` says of one how it was measured by itself."""
    parts = [heading(row), *filter(None, [again, row.note])]
    for work in works_of(row, figures):
        parts.append(figures_table(figures, work))
        parts.append(f"![{work}]({plots}/{file_name(work)}.svg)")
    for display in row.displays:
        parts.append(f"![{display.name}]({plots}/{file_name(display.name)}.svg)")
        parts.append(display.text(figures))
    parts.append(verdicts_table(judge(row.goals, figures)))
    return "\n\n".join(parts)


def works_of(row: Row, figures: Figures) -> Iterator[str]:
    """What the verdicts are of, where it is not shown with others."""
    measured = set(figures.works())
    together = {work for display in row.displays for work in display.works()}
    for work in dict.fromkeys(verdict.work for verdict in judge(row.goals, figures)):
        if work in measured - together:
            yield work


def shown(rows: Sequence[Row], figures: Figures) -> list[str]:
    """The pieces of work that have a table and a plot of their own on the page."""
    return [work for row in rows for work in works_of(row, figures)]
