"""The threat model names tests that exist, and every attack has a place in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

ROOT = Path(__file__).resolve().parents[2]
NODE = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def named(text: str) -> set[tuple[str, str]]:
    return set(NODE.findall(text))


def defined(root: Path, file: str) -> set[str]:
    """The tests of a file."""
    tree = ast.parse(root.joinpath(file).read_text(encoding="utf-8"))
    functions = (ast.FunctionDef, ast.AsyncFunctionDef)
    names = {node.name for node in tree.body if isinstance(node, functions)}
    return {name for name in names if name.startswith("test_")}


def model(checkout: Checkout) -> str:
    return checkout.root.joinpath("docs", "threats.md").read_text(encoding="utf-8")


NAMED = sorted(named(ROOT.joinpath("docs", "threats.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=["::".join(node) for node in NAMED])
def test_a_test_that_guards_exists(checkout: Checkout, file: str, test: str) -> None:
    assert checkout.root.joinpath(file).is_file()
    assert test in defined(checkout.root, file)


def test_each_threat_has_a_test(checkout: Checkout) -> None:
    _, _, tables = model(checkout).partition("## Threats and their guards")
    tables, _, _ = tables.partition("## Accepted")
    rows = [line for line in tables.splitlines() if line.startswith("| ")]
    rows = [line for line in rows if not line.startswith(("| threat", "| ---"))]
    assert len(rows) >= 20
    assert [line for line in rows if not named(line)] == []


def test_each_attack_is_in_the_model(checkout: Checkout) -> None:
    files = sorted(checkout.root.glob("tests/attacks/test_*.py"))
    attacks = {
        (path.relative_to(checkout.root).as_posix(), test)
        for path in files
        for test in defined(checkout.root, path.relative_to(checkout.root).as_posix())
    }
    assert attacks
    assert attacks - named(model(checkout)) == set()


def test_the_ways_to_report_lead_to_the_model(checkout: Checkout) -> None:
    text = checkout.root.joinpath("SECURITY.md").read_text(encoding="utf-8")
    assert "(docs/threats.md)" in text
