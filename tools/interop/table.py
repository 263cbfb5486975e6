"""What a run of the tests in ``tests/interop`` found, as a table, and what it left out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

#: The columns: how it is carried, and whether messages are compressed.
CELLS = {
    ("plain", "none"): "plain",
    ("plain", "deflate"): "plain, deflate",
    ("tls", "none"): "TLS",
    ("tls", "deflate"): "TLS, deflate",
}

HEAD = """\
# Interoperability

What our clients and servers were made to talk with, in which role, over plain TCP and over TLS,
with and without permessage-deflate. This page is written by a run of the tests:

```
hatch run interop --interop-table docs/interop.md
```

A figure is how many tests passed. "-": there is no such test, because the peer cannot do it, or
cannot be told not to.
"""


@dataclass
class Cell:
    """How the tests ended that have peer, role, transport and compression in common."""

    outcomes: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        if self.outcomes["failed"]:
            return f"**{self.outcomes['failed']} failed**"
        if self.outcomes["passed"]:
            return str(self.outcomes["passed"])
        return "left out" if self.outcomes["skipped"] else "-"


@dataclass
class Row:
    """What is known of a peer in one of its roles."""

    version: str = ""
    without: str = ""
    cells: dict[tuple[str, str], Cell] = field(default_factory=dict)


class Table:
    """Collects the ends of tests; gives them as Markdown."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], Row] = {}
        self._left_out: Counter[str] = Counter()

    def add(self, outcome: str, properties: Mapping[str, str], reason: str = "") -> None:
        """Note the end of a test: passed, failed or skipped, for which reason."""
        if outcome == "skipped":
            self._left_out[reason] += 1
        if "peer" not in properties:
            return
        row = self._rows.setdefault((properties["peer"], properties.get("role", "")), Row())
        row.version = properties.get("version", row.version)
        row.without = properties.get("without", row.without)
        key = properties.get("transport", "plain"), properties.get("compression", "none")
        row.cells.setdefault(key, Cell()).outcomes[outcome] += 1

    def left_out(self) -> list[str]:
        """What was skipped, one line a reason."""
        return [
            f"left out: {reason} ({count} {'test' if count == 1 else 'tests'})"
            for reason, count in sorted(self._left_out.items())
        ]

    def render(self, about: str) -> str:
        """The whole page; about says where the run was."""
        head = ["peer", "version", "it is", *CELLS.values(), "what it cannot do"]
        body = [self._line(*key, row) for key, row in sorted(self._rows.items(), key=_by_name)]
        table = [_join(head), _join("---" for _ in head), *map(_join, body)]
        left_out = self.left_out() or ["Nothing was left out."]
        return "\n".join([HEAD, about, "", *table, "", *(f"- {line}" for line in left_out), ""])

    @staticmethod
    def _line(peer: str, role: str, row: Row) -> list[str]:
        cells = [str(row.cells.get(key, Cell())) for key in CELLS]
        return [peer, row.version, role, *cells, row.without]


def _by_name(item: tuple[tuple[str, str], Row]) -> tuple[str, str]:
    (peer, role), _ = item
    return peer.lower(), role


def _join(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
