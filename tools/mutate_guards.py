"""
See whether the tests that docs/threats.md names notice when the guard they stand for is taken out.

python tools/mutate_guards.py              take one guard out after the other, and run its tests
python tools/mutate_guards.py redirect     only what has this in its name
python tools/mutate_guards.py --list       say what there is

Each mutant is a copy of a package in which one guard of tools/guards is gone. Each of its tests
has to fail for it. What is in C and in Python is taken out of both, one at a time. It takes long,
so it is no step of the gate.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from guards import GUARDS, Guard
from mutants import Mutant, copy_with, passes, run

PACKAGES = Path(__file__).resolve().parent.parent / "packages"
IN_C = PACKAGES / "ws-frames" / "speedups"

WITH_C = {"WS_FRAMES_SPEEDUPS": "require"}
WITHOUT_C = {"WS_FRAMES_SPEEDUPS": "never"}


def is_in_c(module: str) -> bool:
    return module.endswith(".c")


def source_of(module: str) -> Path:
    """Give the folder that the package of a module is in."""
    package, _, _ = module.partition("/")
    return PACKAGES / package.replace("_", "-") / "src"


def read(module: str) -> str:
    path = IN_C / module if is_in_c(module) else source_of(module) / f"{module}.py"
    return path.read_text(encoding="utf-8")


def name_of(guard: Guard, test: str) -> str:
    return f"{guard.name}: {test.partition('::')[2]}"


def all_mutants() -> list[Mutant]:
    return list(mutants())


def mutants() -> Iterator[Mutant]:
    for guard in GUARDS:
        source = read(guard.module)
        if source.count(guard.old) != 1:
            raise LookupError(f"{guard.module} has no single {guard.old!r}: {guard.name}")
        for test in guard.tests:
            changed = source.replace(guard.old, guard.new)
            yield Mutant(name_of(guard, test), guard.module, changed)


def its_tests(mutant: Mutant) -> list[str]:
    """Give the tests of a mutant; of what is no mutant, all those of its module."""
    of_module = [
        (name_of(guard, test), test)
        for guard in GUARDS
        if guard.module == mutant.module
        for test in guard.tests
    ]
    its = [test for name, test in of_module if name == mutant.name]
    return its or list(dict.fromkeys(test for _, test in of_module))


@contextmanager
def compiled(mutant: Mutant) -> Iterator[Path]:
    """Copy ws-frames, put the mutant among its C, compile it, and give the folder of its Python."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder, "ws-frames")
        left_out = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")
        shutil.copytree(IN_C.parent, copy, ignore=left_out)
        copy.joinpath(IN_C.name, mutant.module).write_text(mutant.source, encoding="utf-8")
        command = [sys.executable, "hatch_build.py", "--force"]
        environment = {**os.environ, **WITH_C}
        subprocess.run(command, cwd=copy, env=environment, check=True, stdout=subprocess.DEVNULL)
        yield copy / "src"


def survives(mutant: Mutant) -> bool:
    """Whether all of its tests pass in spite of it."""
    if is_in_c(mutant.module):
        copied, environment = compiled(mutant), WITH_C
    else:
        copied = copy_with(mutant, source_of(mutant.module), "")
        environment = WITHOUT_C if mutant.module.startswith("ws_frames/") else {}
    with copied as copy:
        # One after the other, so that none has to do with what another one has left.
        return all(passes(test.split(" ", 2), copy, environment) for test in its_tests(mutant))


def main(arguments: list[str] | None = None) -> int:
    return run(__doc__, all_mutants(), survives, read, arguments)


if __name__ == "__main__":
    sys.exit(main())
