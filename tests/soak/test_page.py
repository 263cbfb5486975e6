"""The page of the long runs: a section for each, which a new run replaces."""

from __future__ import annotations

from pathlib import Path

import pytest

from soak import __main__ as command
from soak.page import write_section
from soak.table import Table


def test_a_run_replaces_its_own_section(tmp_path: Path) -> None:
    page = tmp_path / "soak.md"
    write_section(page, "mixed", "an hour")
    write_section(page, "churn", "many")
    write_section(page, "mixed", "a day\n")
    text = page.read_text()
    assert text.startswith("# Soak and churn, measured\n")
    assert text.endswith("## Churn\n\nmany\n\n## Mixed traffic\n\na day\n")
    assert "hour" not in text.partition("## Churn")[2]


def test_rows_are_added_to_those_that_are_there(tmp_path: Path) -> None:
    page = tmp_path / "soak.md"
    for cell in ("x", "y", "z"):
        table = Table("a", "b")
        table.add_row(cell, 1)
        write_section(page, "churn", f"`command`\n\n{table}", add=True)
    assert page.read_text().endswith(
        "`command`\n\n| a | b |\n| --- | --- |\n| x | 1 |\n| y | 1 |\n| z | 1 |\n"
    )


def test_a_table_is_one_of_markdown() -> None:
    table = Table("a", "b")
    table.add_row("x", 1)
    assert str(table) == "| a | b |\n| --- | --- |\n| x | 1 |\n"


@pytest.mark.parametrize("run", command.RUNS)
def test_each_run_can_be_written(run: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(command.RUNS, run, lambda options: ("found", []))
    page = tmp_path / "soak.md"
    assert command.main([run, "--page", str(page)]) == 0
    assert "found" in page.read_text()


@pytest.mark.parametrize(("broken", "status"), [([], 0), (["too much"], 1)])
def test_a_broken_bound_fails_the_run_and_is_not_written(
    broken: list[str],
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setitem(command.RUNS, "churn", lambda options: ("found", broken))
    page = tmp_path / "soak.md"
    assert command.main(["churn", "--page", str(page), "--count", "7", "--kinds", "x"]) == status
    printed = capsys.readouterr().out
    assert printed.startswith("`hatch run soak churn --count 7`, on ")
    assert all(excess in printed for excess in broken)
    assert page.exists() == (status == 0)
