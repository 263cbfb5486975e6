"""The program that uses every name at each path: it leaves none out, and runs."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.websockets.conftest import Name

PROGRAM = Path(__file__).with_name("typing_program.py")


def used() -> set[str]:
    """What the program takes from the package, as dotted names."""
    tree = ast.parse(PROGRAM.read_text(encoding="utf-8"))
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {name for name in map(ast.unparse, attributes) if name.startswith("websockets.")}


def test_it_uses_every_name_at_each_path(names: list[Name]) -> None:
    assert {str(each) for each in names} - used() == set()


def test_it_uses_nothing_else(names: list[Name]) -> None:
    known = {str(each) for each in names} | {each.path for each in names}
    assert used() - known == set()


def test_it_runs() -> None:
    # That each name is warned of is tested elsewhere.
    command = [sys.executable, "-W", "error", "-W", "ignore::DeprecationWarning", str(PROGRAM)]
    result = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (result.stdout, result.stderr) == ("Hello\n" * 3, "")
