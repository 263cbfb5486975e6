"""Run a program under callgrind, which counts the instructions of each function (valgrind)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Callable

from ws_frames import IMPLEMENTATION

__all__ = [
    "CountFailed",
    "Function",
    "Profile",
    "instructions_each",
    "print_table",
    "profile",
    "require",
]

SUMMARY = re.compile(r"^summary: (\d+)$", re.MULTILINE)
LINE = re.compile(r"^ *([\d,]+) \([ \d.]+%\)  (\S+?):(\S+?)(?: \[(\S+)\])?$")

#: The instructions, name and object file of a function.
Function = tuple[int, str, str]


class CountFailed(Exception):
    """There is no count, or it is not of what was to be counted."""


class Profile:
    """What is counted of one program, in a file that callgrind writes at its end."""

    def __init__(self, file: Path, options: tuple[str, ...]) -> None:
        self.file = file
        self.options = options

    def command(self, program: list[str]) -> list[str]:
        """How to start the program."""
        out = f"--callgrind-out-file={self.file}"
        return ["valgrind", "--tool=callgrind", out, *self.options, *program]

    def run(self, program: list[str]) -> None:
        """Start the program, and wait for its end."""
        subprocess.run(self.command(program), check=True, capture_output=True)

    def total(self) -> int:
        """All instructions that were counted."""
        match = SUMMARY.search(self.file.read_text())
        if match is None:
            raise CountFailed("callgrind wrote no summary")
        return int(match[1])

    def functions(self, *options: str) -> list[Function]:
        """Each function, as callgrind_annotate tells of it with these options."""
        command = ["callgrind_annotate", "--threshold=100", *options, str(self.file)]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return [
            (int(match[1].replace(",", "")), match[3], match[4] or match[2])
            for match in map(LINE.match, text.splitlines())
            if match
        ]


@contextmanager
def profile(*options: str) -> Iterator[Profile]:
    """Profile a program with these options of callgrind."""
    with tempfile.TemporaryDirectory() as folder:
        yield Profile(Path(folder, "out"), options)


def instructions_each(count: Callable[[int], int], few: int, many: int) -> float:
    """Count for two numbers of times: what is done once is in both, so not in the difference."""
    return (count(many) - count(few)) / (many - few)


def print_table(
    what: str, kinds: Mapping[str, str], count: Callable[[str, int], int], few: int, many: int
) -> None:
    """Count each kind, and show it by its text."""
    print(f"Python {sys.version.split()[0]}\n")
    print(f"| {what} | instructions |\n| --- | ---: |")
    for kind, text in kinds.items():
        each = instructions_each(partial(count, kind), few, many)
        print(f"| {text} | {each:,.0f} |", flush=True)


def require() -> None:
    """End this program where there is nothing to count, or to count with."""
    if IMPLEMENTATION != "c" or shutil.which("valgrind") is None:
        print("this needs the C speedups, and valgrind", file=sys.stderr)
        raise SystemExit(2)
