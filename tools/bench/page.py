"""The page of the documentation: where it was measured, and each row's tables and plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from .figure import Figures
from .plot import file_name
from .row import Row
from .table import figures_table, verdicts_table
from .verdict import judge

__all__ = ["page"]

HEAD = """\
# Performance, measured

What `{command}` printed. [Performance](explanation/performance.md) says what they mean, where others are faster, and what
you can do. *bare* is an `asyncio.Protocol` that sends back bytes without reading them: the limit of the event loop.
"""


def page(
    command: str, about: Mapping[str, str], figures: Figures, rows: Sequence[Row], plots: str
) -> str:
    """Make it in Markdown; ``plots`` is the folder of the plots, seen from the page."""
    parts = [HEAD.format(command=command)]
    parts.append("\n".join(f"- {name}: {value}" for name, value in about.items()))
    for row in rows:
        verdicts = judge(row.goals, figures)
        if not verdicts:
            continue
        parts.append(f"## {row.about[0].upper()}{row.about[1:]}")
        for work in dict.fromkeys(verdict.work for verdict in verdicts):
            if work in figures.works():
                parts.append(figures_table(figures, work))
                parts.append(f"![{work}]({plots}/{file_name(work)}.svg)")
        parts.append(verdicts_table(verdicts))
    return "\n\n".join(parts) + "\n"
