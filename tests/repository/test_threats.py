"""The threat model names tests that exist, and every attack has a place in it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from guards import GUARDS, WITHOUT
from named_tests import defined, named, rows

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

ROOT = Path(__file__).resolve().parents[2]


def model(checkout: Checkout) -> str:
    return checkout.root.joinpath("docs", "threats.md").read_text(encoding="utf-8")


NAMED = sorted(named(ROOT.joinpath("docs", "threats.md").read_text(encoding="utf-8")))


@pytest.mark.parametrize(("file", "test"), NAMED, ids=["::".join(node) for node in NAMED])
def test_a_test_that_guards_exists(checkout: Checkout, file: str, test: str) -> None:
    assert checkout.root.joinpath(file).is_file()
    assert test in defined(file)


def test_each_threat_has_a_test(checkout: Checkout) -> None:
    _, _, tables = model(checkout).partition("## Threats and their guards")
    tables, _, _ = tables.partition("## Accepted")
    assert len(rows(tables)) >= 20
    assert [row for row in rows(tables) if not named(row)] == []


def test_each_attack_is_in_the_model(checkout: Checkout) -> None:
    paths = checkout.root.glob("tests/attacks/test_*.py")
    files = sorted(path.relative_to(checkout.root).as_posix() for path in paths)
    attacks = {(file, test) for file in files for test in defined(file)}
    assert attacks
    assert attacks - named(model(checkout)) == set()


def test_each_guard_is_taken_out_and_nothing_else(checkout: Checkout) -> None:
    guarded = {test.partition(" ")[0] for guard in GUARDS for test in guard.tests}
    names = {f"{file}::{test}" for file, test in named(model(checkout))}
    assert not guarded & set(WITHOUT)
    assert guarded | set(WITHOUT) == names
    assert len(WITHOUT) == 5  # as the page says


def test_the_ways_to_report_lead_to_the_model(checkout: Checkout) -> None:
    text = checkout.root.joinpath("SECURITY.md").read_text(encoding="utf-8")
    assert "(docs/threats.md)" in text
