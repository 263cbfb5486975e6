"""The examples in the README of each package run, and print what they say."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("packages/*/README.md"))
BLOCK = re.compile(r"^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"^ *print\(.*\)  # (?P<output>.+)$", re.MULTILINE)


def blocks() -> list[tuple[str, str]]:
    return [
        (readme, match["code"])
        for readme in READMES
        for match in BLOCK.finditer(ROOT.joinpath(readme).read_text(encoding="utf-8"))
    ]


@pytest.mark.parametrize(("readme", "code"), blocks(), ids=[readme for readme, _ in blocks()])
def test_an_example_prints_what_it_says(readme: str, code: str) -> None:
    expected = [match["output"] for match in PRINTS.finditer(code)]
    assert expected, "an example has to print something"
    command = [sys.executable, "-W", "error", "-X", "dev", "-c", code]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert result.returncode == 0, result.stderr
    assert result.stdout.splitlines() == expected
    assert result.stderr == ""
