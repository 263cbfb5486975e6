"""The tool that takes things away from ws_compat, to see whether its tests notice."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import mutants
import mutate_compat
from mutants import Mutant
from mutate_compat import all_mutants, read
from ws_compat.replacements import REPLACEMENTS

MUTANTS = all_mutants()


def test_each_mutant_is_another_program_and_has_a_name_of_its_own() -> None:
    for mutant in MUTANTS:
        assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(read(mutant.module)))
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)


def test_each_deprecated_thing_is_silent_once() -> None:
    silent = {mutant.name for mutant in MUTANTS if mutant.name.startswith("no warning of ")}
    assert silent == {f"no warning of {what}" for what in REPLACEMENTS}


@pytest.mark.parametrize(
    "name",
    [
        "without protocol.WebSocketCommonProtocol.secure",
        "without server_protocol.WebSocketServerProtocol.process_origin",
        "without framing.Frame.read",
    ],
)
def test_methods_are_taken_away(name: str) -> None:
    (mutant,) = [each for each in MUTANTS if each.name == name]
    cls, method = name.rsplit(".", 2)[1:]
    (found,) = [
        node
        for node in ast.parse(mutant.source).body
        if isinstance(node, ast.ClassDef) and node.name == cls
    ]
    assert method not in [getattr(node, "name", None) for node in found.body]


def test_a_change_that_does_not_apply_any_more_is_an_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mutate_compat, "BEHAVIOURS", [("what", "auth", "no such line", "")])
    with pytest.raises(LookupError, match=r"auth\.py has no 'no such line': what"):
        all_mutants()


def test_tests_notice_a_mutant_and_let_the_package_itself_pass(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(mutate_compat, "TESTS", [])
    (mutant,) = [each for each in MUTANTS if each.name == "a warning is at a line of ours"]
    assert not mutate_compat.survives(mutant)
    assert mutate_compat.survives(Mutant("the same", "hooks", read("hooks")))


def test_a_survivor_is_told_and_fails_the_tool(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    alive = {"nothing", "no warning of state_name"}
    monkeypatch.setattr(mutate_compat, "survives", lambda mutant: mutant.name in alive)
    assert mutate_compat.main(["no warning of state_name", "old name wins"]) == 1
    printed = capsys.readouterr().out
    assert "SURVIVED no warning of state_name" in printed
    assert "noticed  old name wins" in printed
    assert "1 of 2 noticed" in printed
    assert mutate_compat.main(["old name wins"]) == 0


def test_where_the_tests_fail_anyway_nothing_is_said_of_mutants(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(mutate_compat, "survives", lambda mutant: False)
    assert mutate_compat.main(["old name wins"]) == 2
    assert capsys.readouterr().out == "the tests for arguments fail as it is\n"


def test_tests_that_hang_have_noticed_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hanging = tmp_path / "test_hanging.py"
    hanging.write_text("def test_it():\n    while True: pass\n", encoding="utf-8")
    monkeypatch.setattr(mutants, "PATIENCE", 1)
    assert not mutants.passes(str(hanging), mutate_compat.SOURCE)
