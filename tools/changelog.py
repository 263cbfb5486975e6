"""
Run the tests that docs/changelog.md names: all of them, or those of some releases.

python tools/changelog.py                  every test of the table
python tools/changelog.py 8.0 8.0.1        those of these releases
python tools/changelog.py --list           print their ids, and run nothing
python tools/changelog.py -x --tb=short    hand other options on to pytest
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "changelog.md"

HEADING = re.compile(r"## (?P<release>[^,]+)(, (?P<date>.+))?")
ROW = re.compile(
    r"\| (?P<what>.+) <!-- (?P<lines>[0-9, -]+); (?P<digest>\w+) --> \| (?P<shown>.+) \|"
)
LINK = re.compile(r"\[(?P<text>[^]]+)\]\((?P<target>[^)]+)\)")


@dataclass
class Row:
    """What some lines of the changelog ask for, and what shows that it is so."""

    what: str
    #: First and last line of each passage, and a digest of their text.
    passages: list[tuple[int, int]]
    digest: str
    shown: str

    @property
    def links(self) -> list[tuple[str, str]]:
        """Text and target of each link."""
        return [(link["text"], link["target"]) for link in LINK.finditer(self.shown)]

    @property
    def tests(self) -> list[str]:
        """The ids of the tests, as pytest takes them."""
        return [text for text, _ in self.links if "::" in text]


@dataclass
class Release:
    """A section of the table."""

    name: str
    date: str
    rows: list[Row] = field(default_factory=list)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("releases", nargs="*", metavar="release")
    parser.add_argument("--list", action="store_true")
    chosen, options = parser.parse_known_args(arguments)
    releases = {release.name: release for release in read_table(TABLE.read_text("utf-8"))}
    unknown = [name for name in chosen.releases if name not in releases]
    if unknown:
        parser.error(f"no release {', '.join(unknown)}; there are {', '.join(releases)}")
    tests = list(ids(releases[name] for name in chosen.releases or releases))
    if chosen.list:
        print("\n".join(tests))
        return 0
    print(f"{len(tests)} tests are named", flush=True)
    return subprocess.call([sys.executable, "-m", "pytest", *options, *tests], cwd=ROOT)


def read_table(text: str) -> list[Release]:
    """Read the sections of the table; raises ValueError for a row that is no row."""
    releases: list[Release] = []
    for number, line in enumerate(text.splitlines(), 1):
        if heading := HEADING.fullmatch(line):
            releases.append(Release(heading["release"], heading["date"] or ""))
        elif line.startswith("| ") and not line.startswith(("| what ", "| --- ")):
            row = ROW.fullmatch(line)
            if row is None:
                raise ValueError(f"line {number} is no row of the table")
            releases[-1].rows.append(read_row(row))
    return releases


def read_row(row: re.Match[str]) -> Row:
    passages = []
    for passage in row["lines"].split(", "):
        first, _, last = passage.partition("-")
        passages.append((int(first), int(last or first)))
    return Row(row["what"], passages, row["digest"], row["shown"])


def ids(releases: Iterable[Release]) -> Iterator[str]:
    """The ids of all tests, each once."""
    seen = {test: None for release in releases for row in release.rows for test in row.tests}
    return iter(seen)


if __name__ == "__main__":
    sys.exit(main())
