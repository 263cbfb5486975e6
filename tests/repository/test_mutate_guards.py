"""The tool that takes guards out, to see whether the tests of the threat model notice."""

from __future__ import annotations

import shutil
import sysconfig

import pytest

import mutate_guards
from guards import GUARDS, WITHOUT, Guard
from mutants import Mutant
from mutate_guards import all_mutants, is_in_c, its_tests, read

MUTANTS = all_mutants()


def mutant_of(words: str) -> Mutant:
    (mutant,) = [each for each in MUTANTS if each.name.startswith(words)]
    return mutant


def test_each_mutant_is_another_program_and_has_a_name_of_its_own() -> None:
    for mutant in MUTANTS:
        assert mutant.source != read(mutant.module)
        if not is_in_c(mutant.module):
            compile(mutant.source, mutant.module, "exec")
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
    assert len(MUTANTS) == sum(len(guard.tests) for guard in GUARDS)


def test_what_has_no_guard_has_a_reason() -> None:
    assert all(len(reason) > 20 for reason in WITHOUT.values())


@pytest.mark.parametrize("old", ["no such line", "self"])
def test_a_change_that_does_not_apply_any_more_is_an_error(
    old: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard = Guard("what", "ws_http/key", old, "", ["tests/test_x.py::test_x"])
    monkeypatch.setattr(mutate_guards, "GUARDS", [guard])
    with pytest.raises(LookupError, match=rf"ws_http/key has no single '{old}': what"):
        all_mutants()


def test_a_guard_is_missed_and_the_package_itself_passes() -> None:
    mutant = mutant_of("a window may have any size")
    assert not mutate_guards.survives(mutant)
    assert mutate_guards.survives(Mutant("nothing", mutant.module, read(mutant.module)))


def test_each_test_of_a_guard_is_run_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[list[str], dict[str, str]]] = []

    def passes(tests: list[str], _: object, environment: dict[str, str]) -> bool:
        asked.append((tests, environment))
        return True

    monkeypatch.setattr(mutate_guards, "passes", passes)
    mutant = mutant_of("each ping is answered")
    assert mutate_guards.survives(mutant)
    test = "tests/attacks/test_frames.py::test_a_peer_that_never_reads"
    assert asked == [([test, "-k", "pings"], {})]
    asked.clear()
    mutant = mutant_of("fragments that hold something count as empty")
    assert mutate_guards.survives(mutant)
    assert [environment for _, environment in asked] == [{"WS_FRAMES_SPEEDUPS": "never"}]


def test_a_guard_in_c_is_missed() -> None:
    compiler = sysconfig.get_config_var("CC") or "cc"
    if shutil.which(compiler.split()[0]) is None:
        pytest.skip("there is no C compiler")
    mutant = mutant_of("in C reserved bits do not matter")
    assert not mutate_guards.survives(mutant)
    assert mutate_guards.survives(mutant._replace(source=read(mutant.module)))


def test_what_is_no_mutant_has_to_pass_all_tests_of_its_module() -> None:
    module = "ws_frames/pure/masks"
    tests = [test for guard in GUARDS if guard.module == module for test in guard.tests]
    assert len(tests) > 1
    assert its_tests(Mutant("nothing", module, read(module))) == tests
