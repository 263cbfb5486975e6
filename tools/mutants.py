"""
Mutants: copies of a package in which one thing is another, and whether tests notice.

It needs a system that can fork.
"""

from __future__ import annotations

import argparse
import atexit
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Callable, NamedTuple

ROOT = Path(__file__).resolve().parent.parent

#: Stop at the first failure. That plugins were there before pytest began is no matter here.
OPTIONS = [
    *("-x", "-q", "-p", "no:cacheprovider", "-m", "not packaging"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),
]

#: Seconds after which tests that wait for something will not get it any more.
PATIENCE = 300

# Runs pytest in a copy of itself for each line that it reads: pytest takes longer to import than
# most mutants to be noticed. A mutant may go on for ever or fill the memory, so there are bounds.
SERVER = """
import json, os, resource, signal, sys
import hypothesis.stateful, pytest, pytest_asyncio.plugin

def serve(order):
    signal.alarm(order["patience"])
    resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
    os.environ.update(order["environment"])
    sys.path.insert(0, order["source"])
    sys.dont_write_bytecode = True
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in range(3):
        os.dup2(nothing, stream)
    return pytest.main(order["options"])

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = serve(json.loads(line))
        finally:
            os._exit(code)
    print(os.waitpid(pid, 0)[1], flush=True)
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


@lru_cache(maxsize=1)
def server() -> subprocess.Popen[str]:
    """Start what runs pytest; it ends with this process, whose pipe it reads."""
    command = [sys.executable, "-c", SERVER]
    pipe = subprocess.PIPE
    process = subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, text=True)
    atexit.register(process.communicate)  # closes the pipe, and waits for the end
    return process


def passes(
    tests: str | Sequence[str], source: Path, environment: Mapping[str, str] | None = None
) -> bool:
    """Whether some tests pass with the packages in a folder; those that hang don't."""
    names = [tests] if isinstance(tests, str) else tests
    order = {
        "options": [*OPTIONS, *names],
        "source": str(source),
        "environment": {
            "PYTHONPATH": str(source),
            "PYTHONDONTWRITEBYTECODE": "1",
            **(environment or {}),
        },
        "patience": PATIENCE,
    }
    process = server()
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(order) + "\n")
    process.stdin.flush()
    return int(process.stdout.readline()) == 0


def run(
    about: str | None,
    mutants: Sequence[Mutant],
    survives: Callable[[Mutant], bool],
    read: Callable[[str], str],
    arguments: Sequence[str] | None,
) -> int:
    """Be the command: try mutants, or list them; give 1 if tests don't notice one.

    First the tests have to pass as things are; ``read`` gives the source of a module.
    """
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
    for module in {mutant.module: None for mutant in chosen}:
        if not survives(Mutant("nothing", module, read(module))):
            print(f"the tests for {module} fail as it is")
            return 2
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
