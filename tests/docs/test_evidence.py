"""Each row of the conformance table and of the feature matrix leads to tests that exist."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest

from named_tests import defined, named, rows
from strictness.cases import AREAS, CASES

ROOT = Path(__file__).resolve().parents[2]
CONFORMANCE = ROOT.joinpath("docs", "conformance.md").read_text(encoding="utf-8")
FEATURES = ROOT.joinpath("docs", "features.md").read_text(encoding="utf-8")
NAMED = sorted(named(CONFORMANCE) | named(FEATURES))
PATTERN = re.compile(rf"`(?P<pattern>(?:{'|'.join(AREAS)})/[\w*-]+)`")


@pytest.mark.parametrize(("file", "test"), NAMED, ids=["::".join(node) for node in NAMED])
def test_a_test_that_is_named_exists(file: str, test: str) -> None:
    assert test in defined(file)


def test_each_demand_is_shown_by_a_test() -> None:
    kept, _, rest = CONFORMANCE.partition("## What is not done")
    assert len(rows(kept)) > 50
    assert [row for row in rows(kept) if not named(row)] == []
    assert rows(rest)


def test_each_feature_is_shown_by_a_test() -> None:
    there, _, rest = FEATURES.partition("## What is not there")
    assert len(rows(there)) > 40
    assert [row for row in rows(there) if not named(row)] == []
    assert rest


@pytest.mark.parametrize("pattern", sorted(set(PATTERN.findall(CONFORMANCE))))
def test_a_pattern_stands_for_cases_of_the_strictness_suite(pattern: str) -> None:
    assert [case.id for case in CASES if fnmatch.fnmatch(case.id, pattern)]


def test_every_area_of_the_strictness_suite_has_a_place_in_the_table() -> None:
    areas = {pattern.partition("/")[0] for pattern in PATTERN.findall(CONFORMANCE)}
    assert areas == set(AREAS)


def test_a_test_is_found_however_it_is_named() -> None:
    text = "`tests/a/test_b.py::test_c` [TestD::test_e](../../tests/a/test_f.py) test_g"
    assert named(text) == {("tests/a/test_b.py", "test_c"), ("tests/a/test_f.py", "TestD::test_e")}
    assert rows("| a |\n| --- |\n| b |\n\n| c |\n| --- |\n| d |\n") == ["| b |", "| d |"]
    assert "TestRequest::test_options_are_sent" in defined("tests/ws_http/test_client.py")
    assert "test_options_are_sent" not in defined("tests/ws_http/test_client.py")
