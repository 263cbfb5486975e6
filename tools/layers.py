"""
Check that packages use each other through public names only.

A package of this repository imports another one as ``from ws_frames import Frame``: from its
top, and a name that stands in its ``__all__``. Which package may import which is the matter
of import-linter; this adds what that cannot express.

python tools/layers.py [CHECKOUT]     exit 1 if a package reaches into another one
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", nargs="?", type=Path, default=ROOT)
    root = parser.parse_args(arguments).root
    found = list(violations(root))
    for line in found:
        print(line, file=sys.stderr)
    if not found:
        print("packages use each other through public names only")
    return 1 if found else 0


def violations(root: Path) -> Iterator[str]:
    tops = {path.parent.name: path for path in sorted(root.glob("packages/*/src/*/__init__.py"))}
    public = {name: public_names(path) for name, path in tops.items()}
    for package, top in tops.items():
        siblings = {name: names for name, names in public.items() if name != package}
        for path in sorted(top.parent.rglob("*.py")):
            for line, fault in faults(path, siblings):
                yield f"{path.relative_to(root)}:{line}: {fault}"


def public_names(path: Path) -> set[str]:
    """The names in the literal ``__all__`` of a module."""
    for node in parsed(path).body:
        if isinstance(node, ast.Assign):
            targets = node.targets
        elif isinstance(node, ast.AnnAssign):
            targets = [node.target]
        else:
            continue
        if node.value is not None and any(map(is_all, targets)):
            return set(ast.literal_eval(node.value))
    return set()


def is_all(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "__all__"


def faults(path: Path, siblings: dict[str, set[str]]) -> Iterator[tuple[int, str]]:
    """Each line of a module that imports a sibling in another way than allowed, and why."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                top = alias.name.partition(".")[0]
                if top in siblings:
                    yield node.lineno, f"import {alias.name}, must be: from {top} import a name"
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            top, _, below = node.module.partition(".")
            if top not in siblings:
                continue
            if below:
                yield node.lineno, f"imports from {node.module}, must be from {top}"
                continue
            for alias in node.names:
                if alias.name not in siblings[top]:
                    yield node.lineno, f"{alias.name} is not public in {top}"


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


if __name__ == "__main__":
    sys.exit(main())
