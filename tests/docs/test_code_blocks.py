"""
Every block of Python in the documentation runs, and does what it says.

tools/run_blocks.py says how a page is run, and what its comments claim; tests/docs/test_run_blocks.py
shows that it notices what is wrong. Complete programs are files below docs/examples, and shown by
``literalinclude``. Blocks in other languages are looked at in test_commands.py.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
READMES = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob("packages/*/README.md"))
PAGES = sorted(
    path.relative_to(ROOT).as_posix()
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("packages/*/*.md")]
    if "python\n" in path.read_text(encoding="utf-8")
)

# Debug mode tells how long a step took. The first one that uses a name imports what has it.
SLOW = re.compile(r"^Executing .* took [0-9.]+ seconds\n", re.MULTILINE)


def run(*arguments: str) -> None:
    """Run the blocks of a page; where some are left out, the report of the tests says why."""
    command = [sys.executable, "-W", "error", "-X", "dev", "tools/run_blocks.py", *arguments]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300
    )
    errors = SLOW.sub("", done.stderr)
    if done.returncode != 0 or errors:
        pytest.fail(errors, pytrace=False)
    if done.stdout:
        pytest.skip(f"in part: {done.stdout}")


@pytest.mark.parametrize("readme", READMES)
def test_each_example_of_a_package_runs_by_itself(readme: str) -> None:
    assert "```python\n" in ROOT.joinpath(readme).read_text(encoding="utf-8")
    run("--alone", readme)


@pytest.mark.skipif(sys.version_info < (3, 11), reason="the pages are for Python 3.11 or later")
@pytest.mark.parametrize("page", sorted(set(PAGES) - set(READMES)))
def test_the_blocks_of_a_page_do_what_they_say(page: str) -> None:
    run(page)
