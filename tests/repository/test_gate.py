"""The gate: steps that are announced, and whose failure counts."""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.repository.conftest import Checkout

PASS = [sys.executable, "-c", ""]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]


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
    assert "no step nothing; there are style, " in capfd.readouterr().err
