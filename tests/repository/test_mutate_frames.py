"""The tool that changes rules of ws_frames, to see whether its tests notice."""

from __future__ import annotations

import ast

import pytest

import mutants
import mutate_frames
from mutants import Mutant
from mutate_frames import EQUIVALENT, MODULES, all_mutants, entries, read, rules
from ws_frames import Phase
from ws_frames.phases import TRANSITIONS, Step

ALL = all_mutants()


def test_each_mutant_is_another_program_and_has_a_name_of_its_own() -> None:
    originals = {module: read(module) for module in ["phases", *MODULES]}
    for mutant in ALL:
        assert mutant.source != originals[mutant.module]
        compile(mutant.source, mutant.module, "exec")
    assert len({mutant.name for mutant in ALL}) == len(ALL)


def test_what_cannot_be_noticed_is_a_mutant_that_there_is() -> None:
    names = {mutant.name for mutant in [*entries(), *(m for each in MODULES for m in rules(each))]}
    assert set(EQUIVALENT) <= names
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())


def test_each_entry_of_the_table_is_gone_once_and_leads_to_each_other_phase() -> None:
    present = len(TRANSITIONS)
    absent = len(Phase) * len(Step) - present
    assert len(list(entries())) == present * len(Phase) + absent


def mutated(statement: str) -> list[str]:
    """Give what one statement is changed to, in order."""
    source = mutate_frames.Source(statement)
    return [
        source.replaced(place, new)
        for node in ast.walk(ast.parse(statement))
        for place, new in mutate_frames.changes(node, source.of)
    ]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("a < b", ["(a <= b)"]),
        ("a >= b", ["(a > b)"]),
        ("a is not b", ["(a is b)"]),
        ("a not in b", ["(a in b)"]),
        ("a <= b < c", ["(a < b < c)", "(a <= b <= c)"]),
        ("a and b", ["(b)", "(a)"]),
        ("not a", ["a"]),
        ("raise ValueError(1)", ["pass", "raise ValueError(2)"]),
        ("if a: b", ["if (not a): b"]),
        ("'é' if a else c", ["'é' if (not a) else c"]),
        ("a = 'text', True, 1.5", []),
    ],
)
def test_rules_are_changed(statement: str, expected: list[str]) -> None:
    assert mutated(statement) == expected


def test_a_change_of_a_rule_is_noticed() -> None:
    (mutant,) = [each for each in ALL if each.name == "close: len(data) < 2 → (len(data) <= 2)"]
    assert not mutate_frames.survives(mutant)


def test_what_no_test_notices_survives(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def passes(tests: object, *_: object) -> bool:
        asked.append(tests)
        return True

    monkeypatch.setattr(mutate_frames, "passes", passes)
    assert mutate_frames.survives(Mutant("the same", "phases", read("phases")))
    assert asked[-1] == ["--ignore=tests/ws_frames/test_phases.py", "tests/ws_frames"]
    assert mutate_frames.survives(Mutant("the same", "close", read("close")))
    assert asked[-1] == ["tests/ws_frames"]


def test_a_mutant_that_goes_on_for_ever_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mutants, "PATIENCE", 1)
    endless = Mutant("endless", "close", "while True: pass\n")
    assert not mutate_frames.survives(endless)
