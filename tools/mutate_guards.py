"""
See whether the tests that docs/threats.md names notice when the guard they stand for is taken out.

python tools/mutate_guards.py              take one guard out after the other, and run its tests
python tools/mutate_guards.py redirect     only what has this in its name
python tools/mutate_guards.py --list       say what there is

Each mutant is a copy of a package in which one guard of tools/guards.py is gone. Each of its tests
has to fail for it. Frames are parsed in pure Python where their package is changed: fuzzing sees
to it that the C does the same. It takes long, so it is no step of the gate.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from guards import GUARDS, Guard
from mutants import Mutant, copy_with, passes, run

ROOT = Path(__file__).resolve().parent.parent


def source_of(module: str) -> Path:
    """Give the folder that the package of a module is in."""
    package, _, _ = module.partition("/")
    return ROOT / "packages" / package.replace("_", "-") / "src"


def read(module: str) -> str:
    return source_of(module).joinpath(f"{module}.py").read_text(encoding="utf-8")


def name_of(guard: Guard, test: str) -> str:
    return f"{guard.name}: {test.partition('::')[2]}"


def all_mutants() -> list[Mutant]:
    return list(mutants())


def mutants() -> Iterator[Mutant]:
    for guard in GUARDS:
        source = read(guard.module)
        if source.count(guard.old) != 1:
            raise LookupError(f"{guard.module}.py has no single {guard.old!r}: {guard.name}")
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


def survives(mutant: Mutant) -> bool:
    """Whether all of its tests pass in spite of it."""
    environment = {}
    if mutant.module.startswith("ws_frames/"):
        environment["WS_FRAMES_SPEEDUPS"] = "never"
    with copy_with(mutant, source_of(mutant.module), "") as copy:
        # One after the other, so that none has to do with what another one has left.
        return all(passes(test.split(" ", 2), copy, environment) for test in its_tests(mutant))


def main(arguments: list[str] | None = None) -> int:
    return run(__doc__, all_mutants(), survives, read, arguments)


if __name__ == "__main__":
    sys.exit(main())
