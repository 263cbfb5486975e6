"""
Write down what changes from one step of the tutorial to the next, as its pages show it.

python tools/tutorial_changes.py            into docs/tutorial/changes
python tools/tutorial_changes.py --check    say whether that is up to date
"""

from __future__ import annotations

import argparse
import difflib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STEPS = ROOT / "docs" / "examples" / "tutorial"
CHANGES = ROOT / "docs" / "tutorial" / "changes"

#: Lines that are shown around each change.
CONTEXT = 2

SHOWN = [
    "step3/server.py",
    "step4/server.py",
    "step4/page.js",
    "step5/server.py",
    "step6/server.py",
]


def change(name: str) -> str:
    """Give the difference between a file, such as ``step4/page.js``, and the step before."""
    folder, _, file = name.partition("/")
    before = f"step{int(folder[len('step') :]) - 1}/{file}"
    old, new = (
        STEPS.joinpath(each).read_text(encoding="utf-8").splitlines(keepends=True)
        for each in (before, name)
    )
    return "".join(difflib.unified_diff(old, new, before, name, n=CONTEXT))


def path_of(name: str) -> Path:
    return CHANGES / f"{name.replace('/', '-')}.diff"


def stale() -> list[str]:
    """Tell what is not written down as it is."""
    return [
        name
        for name in SHOWN
        if not path_of(name).exists() or path_of(name).read_text(encoding="utf-8") != change(name)
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    if options.check:
        for name in stale():
            print(f"the change of {name} is out of date: run python tools/tutorial_changes.py")
        return 1 if stale() else 0
    CHANGES.mkdir(exist_ok=True)
    for name in SHOWN:
        path_of(name).write_text(change(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
