"""What looks for leaks in the C: a short run of it, and whether it would see one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from types import ModuleType
from typing import Callable

import pytest

from ws_frames import IMPLEMENTATION, Opcode
from ws_frames.speedups import REASON

pytestmark = pytest.mark.skipif(IMPLEMENTATION != "c", reason=f"C speedups {REASON}")


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    # It ends at once where the C isn't built.
    module = importlib.import_module("exercise_speedups")
    monkeypatch.setattr("exercise.leaks.ROUNDS", 10)
    return module


def test_nothing_leaks(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tool itself takes longer, and goes through all of them.
    some = [tool.frames.messages_in_pieces, tool.frames.faults, tool.frames.calls]
    monkeypatch.setattr(tool, "EXERCISES", some)
    assert tool.main(["leaks"]) == 0


@pytest.mark.parametrize("leak", [lambda: bytearray(100), lambda: Opcode.TEXT])
def test_a_leak_is_seen(
    tool: ModuleType, monkeypatch: pytest.MonkeyPatch, leak: Callable[[], object]
) -> None:
    kept: list[object] = []

    def leaking() -> Iterator[Callable[[], None]]:
        yield lambda: kept.append(leak())

    monkeypatch.setattr(tool, "EXERCISES", [leaking])
    assert tool.main(["leaks"]) == 1


def test_each_case_works(tool: ModuleType) -> None:
    for run in tool.EXERCISES:
        for case in run():
            case()


def test_each_module_adds_what_it_has(tool: ModuleType) -> None:
    found = {run.__module__.rpartition(".")[2] for run in tool.EXERCISES}
    assert found == {"frames", "receiving", "sending"}
