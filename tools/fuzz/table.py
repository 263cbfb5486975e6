"""What was run, as the last table of a page: a row for each target and way, with all its runs."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

HEAD = [
    "| target | inputs made | inputs | seconds of CPU | Python |",
    "| --- | --- | --- | --- | --- |",
]


class Row(NamedTuple):
    """Runs of a target: how its inputs were made, how many, the seconds of CPU, on what."""

    target: str
    way: str
    inputs: int
    seconds: float
    python: str

    def __str__(self) -> str:
        return f"| {self.target} | {self.way} | {self.inputs:,} | {self.seconds:,.0f} | {self.python} |"


def read_row(line: str) -> Row:
    target, way, inputs, seconds, python = (cell.strip() for cell in line.strip("|").split("|"))
    return Row(target, way, int(inputs.replace(",", "")), float(seconds.replace(",", "")), python)


def add_row(page: Path, new: Row) -> None:
    """Add a run to the row of those like it, or make the first one."""
    lines = page.read_text(encoding="utf-8").splitlines()
    if HEAD[0] not in lines:
        lines += ["", *HEAD]
    place = lines.index(HEAD[0]) + len(HEAD)
    end = place
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    rows = {(row.target, row.way, row.python): row for row in map(read_row, lines[place:end])}
    key = (new.target, new.way, new.python)
    if key in rows:
        old = rows[key]
        new = new._replace(inputs=old.inputs + new.inputs, seconds=old.seconds + new.seconds)
    rows[key] = new
    lines[place:end] = [str(rows[key]) for key in sorted(rows)]
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")
