"""The tool that fuzzes: how long it runs, and what it does about an input that fails."""

from __future__ import annotations

import itertools
import random
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

import run_fuzz
from fuzz import finds
from fuzz.invariant import Broken
from fuzz.table import HEAD, Row, add_row
from fuzz.targets import TARGETS

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let URIs with a question mark fail."""

    def check(case: tuple[str]) -> None:
        if "?" in case[0]:
            raise Broken("a question mark")

    monkeypatch.setattr(TARGETS["uri"], "check", check)
    monkeypatch.setattr(TARGETS["uri"], "SEEDS", [])


def test_it_makes_as_many_inputs_as_asked_for_and_takes_the_seeds_too(capsys: Captured) -> None:
    assert run_fuzz.main(["--count", "1500", "--seed", "1", "uri", "serializer"]) == 0
    uris, calls = capsys.readouterr().out.splitlines()[-2:]
    assert uris.startswith(f"uri: {1500 + len(TARGETS['uri'].SEEDS):,} inputs in ")
    assert calls.startswith(f"serializer: {1500 + len(TARGETS['serializer'].SEEDS):,} inputs in ")
    assert uris.endswith("--seed 1")


def test_it_may_be_as_long_as_asked_for(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(
        monotonic=itertools.count().__next__,  # a second later each time that it is looked at
        process_time=time.process_time,
        time_ns=time.time_ns,
    )
    monkeypatch.setattr(run_fuzz, "time", clock)
    assert run_fuzz.main(["--seconds", "2.5", "serializer"]) == 0
    # Begun at 0, to end at 1 + 2.5: a block at 2, a block at 3, and none at 4.
    assert f"serializer: {2000 + len(TARGETS['serializer'].SEEDS):,}" in capsys.readouterr().out


@pytest.mark.usefixtures("broken")
def test_a_find_is_shown_and_kept_and_can_be_seen_again(capsys: Captured, tmp_path: Path) -> None:
    arguments = ["--count", "1000", "--seed", "7", "--finds", str(tmp_path), "uri", "serializer"]
    assert run_fuzz.main(arguments) == 1
    printed = capsys.readouterr().out
    assert "of --seed 7:0 fails" in printed
    assert "Broken: a question mark" in printed
    assert "serializer: 1,0" in printed
    (path,) = tmp_path.glob("uri/*.txt")
    assert f"hatch run fuzz uri --replay {path}" in printed
    assert "?" in finds.load("uri", path).uri
    assert run_fuzz.main(["uri", "--replay", str(path)]) == 1
    assert "a question mark" in capsys.readouterr().out


@pytest.mark.usefixtures("broken")
def test_a_block_can_be_run_without_those_before_it(capsys: Captured, tmp_path: Path) -> None:
    later = run_fuzz.inputs("uri", "9", 3000, None)
    block = [case for where, case in later if where.endswith(":2")]
    again = [case for _, case in run_fuzz.inputs("uri", "9:2", 1000, None)]
    assert block == again
    assert len(block) == 1000


def test_what_passes_now_passes_when_it_is_replayed(capsys: Captured, tmp_path: Path) -> None:
    path = finds.keep("uri", TARGETS["uri"].make(random.Random(1)), tmp_path)
    assert run_fuzz.main(["uri", "--replay", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: passes\n"


def test_a_file_is_of_one_target() -> None:
    with pytest.raises(SystemExit):
        run_fuzz.main(["--replay", "file"])


def test_an_unknown_target_is_refused() -> None:
    with pytest.raises(SystemExit):
        run_fuzz.main(["frames"])


def test_the_targets_are_listed(capsys: Captured) -> None:
    assert run_fuzz.main(["--list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in printed] == list(TARGETS)


def test_without_the_c_it_says_so(capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_fuzz, "speedups", None)
    assert run_fuzz.main(["--count", "1", "uri"]) == 0
    assert "the C speedups are not built" in capsys.readouterr().out


def test_a_run_adds_to_the_row_of_those_like_it(capsys: Captured, tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Title\n\nText.\n", encoding="utf-8")
    for name in ("uri", "serializer", "uri"):
        assert run_fuzz.main(["--count", "10", "--table", str(page), name]) == 0
    lines = page.read_text(encoding="utf-8").splitlines()
    assert lines[:6] == ["# Title", "", "Text.", "", *HEAD]
    assert [line.split("|")[1:4] for line in lines[6:]] == [
        [" serializer ", " random ", f" {10 + len(TARGETS['serializer'].SEEDS)} "],
        [" uri ", " random ", f" {20 + 2 * len(TARGETS['uri'].SEEDS)} "],
    ]


def test_rows_of_other_ways_and_pythons_stay_as_they_are(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("", encoding="utf-8")
    rows = [
        Row("uri", "guided", 1_000_000, 60, "3.12.1"),
        Row("uri", "guided", 5, 1, "3.13.0"),
        Row("uri", "random", 10, 1, "3.12.1"),
    ]
    for row in rows:
        add_row(page, row)
    add_row(page, rows[0])
    assert page.read_text(encoding="utf-8").splitlines()[-3:] == [
        "| uri | guided | 2,000,000 | 120 | 3.12.1 |",
        "| uri | guided | 5 | 1 | 3.13.0 |",
        "| uri | random | 10 | 1 | 3.12.1 |",
    ]
