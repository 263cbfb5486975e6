"""The page of the benchmark: what it says of the run, and its plots."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT.joinpath("docs", "bench.md").read_text(encoding="utf-8")
SHOWN = re.findall(r"!\[[^]]+\]\((bench/[^)]+\.svg)\)", PAGE)

every_plot = pytest.mark.parametrize("plot", SHOWN)


@pytest.mark.parametrize("name", ["command", "date", "CPU", "Python", "ours", "peers", "settings"])
def test_the_page_says_where_and_how_it_was_measured(name: str) -> None:
    assert re.search(rf"^- {name}: \S", PAGE, re.MULTILINE)


def test_the_page_says_how_to_do_it_again() -> None:
    assert re.search(r"^- command: `hatch run bench:[^`]+`$", PAGE, re.MULTILINE)


@every_plot
def test_a_plot_is_there_and_small(plot: str) -> None:
    assert ROOT.joinpath("docs", plot).stat().st_size < 200_000


@every_plot
def test_a_plot_is_read_on_a_dark_ground_too(plot: str) -> None:
    text = ROOT.joinpath("docs", plot).read_text(encoding="utf-8")
    assert re.findall(r"(?:fill|stroke): #(?:000000|ffffff)", text) == []
    assert "fill: #7d8590" in text


def test_there_is_no_plot_that_is_not_shown() -> None:
    files = ROOT.joinpath("docs", "bench").iterdir()
    assert {f"bench/{path.name}" for path in files} == set(SHOWN)
