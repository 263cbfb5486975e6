"""Mutants: copies of a package in which one thing is another, and whether tests notice."""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Callable, NamedTuple

ROOT = Path(__file__).resolve().parent.parent

#: Seconds after which tests that wait for something will not get it any more.
PATIENCE = 300

# Runs pytest with bounds: a mutant may go on for ever, or fill the memory.
BOUNDED = """
import sys
try:
    import resource
except ImportError:
    pass
else:
    resource.setrlimit(resource.RLIMIT_CPU, (200, 200))
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
import pytest
sys.exit(pytest.main(sys.argv[1:]))
"""


class Mutant(NamedTuple):
    """A change to one module: its name, the module, and the whole of its source."""

    name: str
    module: str
    source: str


@contextmanager
def copy_with(mutant: Mutant, source: Path, package: str) -> Iterator[Path]:
    """Copy the folder of a package, and put the mutant there."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "src")
        shutil.copytree(source, copy, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
        copy.joinpath(package, f"{mutant.module}.py").write_text(mutant.source, encoding="utf-8")
        yield copy


def passes(
    tests: str | Sequence[str], source: Path, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether some tests pass with the packages in a folder; those that hang don't."""
    names = [tests] if isinstance(tests, str) else tests
    options = ["-x", "-q", "-p", "no:cacheprovider", "-m", "not packaging"]
    try:
        result = subprocess.run(
            [sys.executable, "-c", BOUNDED, *options, *names],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": str(source),
                "PYTHONDONTWRITEBYTECODE": "1",
                **(environment or {}),
            },
            capture_output=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return False
    return result.returncode == 0


def run(
    about: str | None,
    mutants: Sequence[Mutant],
    survives: Callable[[Mutant], bool],
    arguments: Sequence[str] | None,
) -> int:
    """Be the command: try mutants, or list them; give 1 if tests don't notice one."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("words", nargs="*", help="run the mutants with one of these in their name")
    parser.add_argument("--list", action="store_true")
    options = parser.parse_args(arguments)
    chosen = [
        each
        for each in mutants
        if not options.words or any(word in each.name for word in options.words)
    ]
    if options.list:
        print("\n".join(each.name for each in chosen))
        return 0
    survivors = []
    for number, mutant in enumerate(chosen, 1):
        alive = survives(mutant)
        print(
            f"{number:3}/{len(chosen)} {'SURVIVED' if alive else 'noticed '} {mutant.name}",
            flush=True,
        )
        survivors += [mutant.name] if alive else []
    print(f"{len(chosen) - len(survivors)} of {len(chosen)} noticed")
    return 1 if survivors else 0
