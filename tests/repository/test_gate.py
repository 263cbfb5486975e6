"""The gate: steps that are announced, and whose failure counts."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

PASS = [sys.executable, "-c", ""]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]

# Says that it is there, and goes on when the other one is.
MEET = """
import pathlib, sys, time
me, other = map(pathlib.Path, sys.argv[1:])
print(me.name, "begins", flush=True)
me.touch()
end = time.monotonic() + 20
while not other.exists():
    if time.monotonic() > end:
        raise SystemExit(f"{other.name} did not come")
    time.sleep(0.01)
print(me.name, "ends", file=sys.stderr)
"""

# Passes where both have been.
AFTER = "import os, sys; raise SystemExit(not all(map(os.path.exists, sys.argv[1:])))"


@pytest.fixture
def gate(checkout: Checkout, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script as a module; the C is neither built nor looked for."""
    spec = importlib.util.spec_from_file_location("gate", checkout.root / "tools" / "gate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "gate", module)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "build_speedups", lambda mode: True)
    monkeypatch.setattr(module, "c_is_there", lambda: True)
    return module


def test_all_steps_pass(gate: ModuleType, capfd: pytest.CaptureFixture[str]) -> None:
    assert gate.run_all([gate.Step("one", "the first", PASS), gate.Step("two", "", PASS)]) == 0
    printed = capfd.readouterr().out
    assert "==> step 1 of 2, one: the first" in printed
    assert printed.endswith("\nall passed\n")


def test_a_failure_fails_the_gate_after_the_other_steps(
    gate: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = [gate.Step("bad", "", FAIL), gate.Step("good", "", PASS)]
    assert gate.run_all(steps) == 1
    printed = capfd.readouterr().out
    assert "==> step 2 of 2, good" in printed
    assert "bad        FAILED (3)" in printed
    assert "good       passed" in printed
    assert printed.endswith("\nFAILED: bad\n")


def test_a_c_that_does_not_build_fails_the_gate(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "build_speedups", lambda mode: False)
    assert gate.run_all([gate.Step("good", "", PASS)]) == 1
    assert capfd.readouterr().out.endswith("\nFAILED: speedups\n")


def test_a_step_that_needs_the_c_is_left_out_without_it(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(gate, "c_is_there", lambda: False)
    assert gate.run_all([gate.Step("stubs", "", FAIL, needs_c=True)]) == 0
    printed = capfd.readouterr().out
    assert "stubs      left out: the C speedups are not built" in printed
    assert "only the pure twins tested" in printed


def test_a_step_has_its_own_environment(gate: ModuleType) -> None:
    script = "import os; raise SystemExit(os.environ['WS_FRAMES_SPEEDUPS'] != 'never')"
    command = [sys.executable, "-c", script]
    assert gate.run_all([gate.Step("pure", "", command, {"WS_FRAMES_SPEEDUPS": "never"})]) == 0
    assert gate.run_all([gate.Step("c", "", command, {"WS_FRAMES_SPEEDUPS": "auto"})]) == 1


def test_the_c_is_required_where_it_can_be_compiled(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "can_compile", lambda: True)
    monkeypatch.delenv("WS_FRAMES_SPEEDUPS", raising=False)
    assert gate.test_mode() == "require"
    monkeypatch.setattr(gate, "can_compile", lambda: False)
    assert gate.test_mode() == "auto"
    monkeypatch.setenv("WS_FRAMES_SPEEDUPS", "never")
    assert gate.test_mode() == "never"


def test_no_compiler_means_no_c(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CC", "/nonexistent/cc -pthread")
    assert not gate.can_compile()


def test_a_step_can_be_chosen_by_its_name(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert gate.main(["--list", "types", "style"]) == 0
    assert [line.split()[0] for line in capfd.readouterr().out.splitlines()] == ["types", "style"]
    with pytest.raises(SystemExit):
        gate.main(["nothing"])
    assert "no step nothing; there are install, " in capfd.readouterr().err


def test_steps_in_company_run_beside_each_other(
    gate: ModuleType, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    steps = [
        gate.Step("one", "", [sys.executable, "-c", MEET, one, two], company=True),
        gate.Step("two", "", [sys.executable, "-c", MEET, two, one], company=True),
        gate.Step("last", "", [sys.executable, "-c", AFTER, one, two]),
    ]
    assert gate.run_all(steps, jobs=2) == 0
    printed = capfd.readouterr().out
    assert "==> beside each other, 2 at a time: one, two\n" in printed
    for number, name in enumerate(("one", "two"), 1):
        title = f"==> step {number} of 3, {name}: \n"
        assert f"{title}{name} begins\n{name} ends\n{name}        passed" in printed
    summary = printed.partition("==> summary\n")[2].splitlines()
    assert [line.split()[0] for line in summary[:3]] == ["one", "two", "last"]


def test_a_failure_in_company_is_told_with_all_that_was_said(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    fail = [sys.executable, "-c", "print('why'); raise SystemExit(3)"]
    steps = [
        gate.Step("bad", "", fail, company=True),
        gate.Step("c", "", FAIL, needs_c=True, company=True),
        gate.Step("good", "", PASS, company=True),
    ]
    monkeypatch.setattr(gate, "c_is_there", lambda: False)
    assert gate.run_all(steps, jobs=3) == 1
    printed = capfd.readouterr().out
    assert "bad: \nwhy\nbad        FAILED (3)" in printed
    assert "c          left out: the C speedups are not built" in printed
    assert "good       passed" in printed
    assert printed.endswith("\nFAILED: bad\n")


def test_one_job_means_one_after_the_other(
    gate: ModuleType, capfd: pytest.CaptureFixture[str]
) -> None:
    steps = [gate.Step(name, "", PASS, company=True) for name in ("one", "two", "three")]
    assert gate.run_all(steps, jobs=1) == 0
    announced = [line for line in capfd.readouterr().out.splitlines() if line.startswith("==>")]
    assert announced == [
        "==> step 1 of 3, one: ",
        "==> step 2 of 3, two: ",
        "==> step 3 of 3, three: ",
        "==> summary",
    ]


def test_what_measures_and_what_makes_environments_runs_alone(gate: ModuleType) -> None:
    steps = {step.name: step for step in gate.steps("auto")}
    assert not steps["attacks"].company
    assert not steps["soak"].company
    assert [step.name for step in steps.values() if "hatch" in step.command and step.company] == []


def test_the_packages_are_installed_before_anything_else(
    gate: ModuleType, checkout: Checkout
) -> None:
    first, *_ = gate.steps("require")
    installed = {
        Path(path)
        for option, path in zip(first.command, first.command[1:])
        if option == "--editable"
    }
    assert installed == set(checkout.root.glob("packages/*"))
    assert first.environment == {"WS_FRAMES_SPEEDUPS": "require"}
    assert not first.company


@pytest.mark.parametrize("name", ["attacks", "soak", "compliance"])
def test_a_step_of_one_folder_leaves_no_test_out(
    gate: ModuleType, checkout: Checkout, name: str
) -> None:
    (step,) = (step for step in gate.steps("auto") if step.name == name)
    assert step.command[-3:] == ["-m", name, f"tests/{name}"]
    tests = checkout.root / "tests"
    marked = [
        path.relative_to(tests).parts[0]
        for path in tests.rglob("*.py")
        if f"pytest.mark.{name}" in path.read_text(encoding="utf-8")
    ]
    assert set(marked) == {name}


def test_there_is_a_job_for_each_core(gate: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert gate.cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert gate.cores() == 1


def test_what_is_compiled_is_kept_while_it_runs(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("PYTHONPYCACHEPREFIX", "")
    gate.keep_bytecode(str(tmp_path))
    script = "import sys; sys.exit(f'{sys.dont_write_bytecode} {sys.pycache_prefix}')"
    done = subprocess.run(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, text=True, check=False
    )
    assert done.stderr == f"False {tmp_path}\n"


def test_where_it_is_kept_anyhow_it_stays_where_it_is(
    gate: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    monkeypatch.delenv("PYTHONPYCACHEPREFIX", raising=False)
    gate.keep_bytecode(str(tmp_path))
    assert "PYTHONPYCACHEPREFIX" not in os.environ
