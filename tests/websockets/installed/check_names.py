"""Take each name of the table at each path, in a Python where none of it is imported yet.

python check_names.py names.txt    prints how many there are, and which Python it is
"""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any


def take(dotted: str) -> tuple[Any, list[str]]:
    """What ``import websockets`` is enough for; gives it, and what is said."""
    package, *parts = dotted.split(".")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found: Any = importlib.import_module(package)
        for part in parts:
            found = getattr(found, part)
    return found, [f"{each.filename}: {each.message}" for each in caught]


def check(path: str, name: str, owner: str, instead: str) -> None:
    found, said = take(f"{path}.{name}")
    expected = f"{__file__}: {path}.{name} is deprecated; use {instead}"
    assert said == ([] if instead == "-" else [expected]), said
    assert found is take(owner)[0], (path, name)


def main() -> None:
    lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    rows = [line.split(None, 3) for line in lines if line and not line.startswith("#")]
    for row in rows:
        check(*row)
    print(len(rows), "names on Python {}.{}".format(*sys.version_info[:2]))


if __name__ == "__main__":
    main()
