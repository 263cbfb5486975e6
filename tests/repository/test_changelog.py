"""docs/changelog.md: a row for each line of the changelog, and tests that exist in each row."""

from __future__ import annotations

import ast
import hashlib
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

import changelog

ROOT = Path(__file__).resolve().parents[2]
RELEASES = changelog.read_table(changelog.TABLE.read_text(encoding="utf-8"))
ROWS = [row for release in RELEASES for row in release.rows]

# What the rows are about. It is not part of this repository, but may lie beside it.
SOURCE = ROOT.parent / "shared" / "mission" / "changelog.txt"

EXAMPLE = """
# A page

## 2.0, July 7, 2019

| what | shown by |
| --- | --- |
| One thing <!-- 3-5, 9; 0a1b2c3d --> | [tests/a.py::test_a](../tests/a.py)<br>[a page](page.md) |

## 1.0, July 6, 2019
"""


@pytest.fixture(scope="module")
def source() -> list[str]:
    if not SOURCE.is_file():
        pytest.skip("the changelog that the table is about is not on this machine")
    return SOURCE.read_text(encoding="utf-8").splitlines()


def numbers(rows: Iterable[changelog.Row]) -> list[int]:
    """The numbers of the lines that rows are about."""
    return [
        number for row in rows for first, last in row.passages for number in range(first, last + 1)
    ]


def digest(row: changelog.Row, source: list[str]) -> str:
    lines = [source[number - 1].strip() for number in numbers([row])]
    return hashlib.sha256("\n".join(filter(None, lines)).encode()).hexdigest()[:8]


# The table


def test_each_row_names_what_shows_it() -> None:
    assert ROWS
    assert [row.what for row in ROWS if not row.links and "no page yet" not in row.shown] == []


@pytest.mark.parametrize("test", list(changelog.ids(RELEASES)))
def test_a_test_that_is_named_exists(test: str) -> None:
    path, *names = test.split("::")
    nodes: list[ast.stmt] = ast.parse(ROOT.joinpath(path).read_text(encoding="utf-8")).body
    for name in names:
        found = [node for node in nodes if getattr(node, "name", None) == name]
        assert found, f"there is no {name} in {path}"
        nodes = getattr(found[0], "body", [])


def test_links_lead_to_what_they_name() -> None:
    folder = changelog.TABLE.parent
    for row in ROWS:
        for text, target in row.links:
            assert folder.joinpath(target).is_file(), target
            if "::" in text:
                assert target == f"../{text.partition('::')[0]}"


# The table beside the changelog


def test_each_line_has_a_row_and_no_line_has_two(source: list[str]) -> None:
    covered = Counter(numbers(ROWS))
    assert [number for number, rows in covered.items() if rows > 1] == []
    left = [
        line.strip()
        for number, line in enumerate(source, 1)
        if line.strip() and number not in covered
    ]
    # What has no row is a heading.
    assert [line.lower() for line in left] == [heading(release) for release in RELEASES]


def heading(release: changelog.Release) -> str:
    return (release.date or release.name).lower()


def test_rows_stand_below_the_release_that_they_are_of(source: list[str]) -> None:
    lines = [line.strip().lower() for line in source]
    first = 0
    for release, following in zip(RELEASES, [*RELEASES[1:], None]):
        # Two releases may be of one day.
        first = lines.index(heading(release), first) + 1
        last = len(lines) if following is None else lines.index(heading(following), first) + 1
        assert [n for n in numbers(release.rows) if not first < n <= last] == [], release.name


def test_no_line_has_changed_since_its_row_was_written(source: list[str]) -> None:
    changed = [
        f"lines {row.passages}: {row.what!r} was {row.digest}, is {digest(row, source)}"
        for row in ROWS
        if row.digest != digest(row, source)
    ]
    assert changed == []


def test_the_rows_are_in_words_of_our_own(source: list[str]) -> None:
    for row in ROWS:
        for number in numbers([row]):
            line = source[number - 1].strip(" \u2022.")
            assert len(line) < 20 or line.lower() not in row.what.lower(), row.what


# The command


def test_the_table_is_read() -> None:
    two, one = changelog.read_table(EXAMPLE)
    assert (two.name, two.date, one.name, one.date) == (
        "2.0",
        "July 7, 2019",
        "1.0",
        "July 6, 2019",
    )
    (row,) = two.rows
    assert (row.what, row.passages, row.digest) == ("One thing", [(3, 5), (9, 9)], "0a1b2c3d")
    assert row.links == [("tests/a.py::test_a", "../tests/a.py"), ("a page", "page.md")]
    assert row.tests == ["tests/a.py::test_a"]
    assert one.rows == []


def test_what_is_no_row_is_an_error() -> None:
    with pytest.raises(ValueError, match="line 8 is no row of the table"):
        changelog.read_table(EXAMPLE.replace(" <!-- 3-5, 9; 0a1b2c3d -->", ""))


def test_the_command_names_each_test_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert changelog.main(["--list"]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(set(printed))
    assert set(printed) == {test for row in ROWS for test in row.tests}


def test_the_command_takes_releases(capsys: pytest.CaptureFixture[str]) -> None:
    assert changelog.main(["--list", "2.2"]) == 0
    (test,) = capsys.readouterr().out.splitlines()
    assert re.fullmatch(r"tests/websockets/releases/test_release_2\.py::\w+", test)
    with pytest.raises(SystemExit):
        changelog.main(["2.9"])
    assert "no release 2.9; there are" in capsys.readouterr().err


def test_the_command_runs_the_tests(
    capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert changelog.main(["2.2", "-q", "--color=no"]) == 0
    assert "1 passed" in capfd.readouterr().out
    monkeypatch.setattr(changelog, "ids", lambda releases: iter(["tests/no_such_file.py::test_a"]))
    assert changelog.main(["2.2", "-q", "--color=no"]) != 0
