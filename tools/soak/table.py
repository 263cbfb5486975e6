"""Tables in Markdown, which are good to read on a terminal too."""

from __future__ import annotations

__all__ = ["Table"]


class Table:
    def __init__(self, *columns: str) -> None:
        self.columns = list(columns)
        self.rows: list[list[str]] = []

    def add_columns(self, *columns: str) -> None:
        self.columns += columns

    def add_row(self, *cells: object) -> None:
        assert len(cells) == len(self.columns)
        self.rows.append([str(cell) for cell in cells])

    def __str__(self) -> str:
        lines = [self.columns, ["---"] * len(self.columns), *self.rows]
        return "".join("| " + " | ".join(cells) + " |\n" for cells in lines)
