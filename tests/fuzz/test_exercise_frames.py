"""What looks for leaks in the C: a short run of it, and whether it would see one."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Callable

import pytest

from ws_frames import IMPLEMENTATION, Opcode
from ws_frames.speedups import REASON

pytestmark = pytest.mark.skipif(IMPLEMENTATION != "c", reason=f"C speedups {REASON}")


@pytest.fixture
def tool(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "exercise_frames.py"
    spec = importlib.util.spec_from_file_location("exercise_frames", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "ROUNDS", 10)
    return module


def test_nothing_leaks(tool: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    # The tool itself takes longer, and goes through all of them.
    some = [tool.messages_in_pieces, tool.faults, tool.frames]
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
    tool.use_all()
