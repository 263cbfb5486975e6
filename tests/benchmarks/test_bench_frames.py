"""The measurements of frames: that each part runs, and what it says of a target."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

from ws_frames import IMPLEMENTATION
from ws_frames.speedups import REASON

pytestmark = [
    pytest.mark.skipif(IMPLEMENTATION != "c", reason=f"C speedups {REASON}"),
    pytest.mark.skipif(sys.platform != "linux", reason="it asks Linux for memory and CPU"),
]


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    path = Path(__file__).resolve().parents[2] / "tools" / "bench_frames.py"
    spec = importlib.util.spec_from_file_location("bench_frames", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # Ours and the peer share a name: here it may be either.
    monkeypatch.setattr(module, "PEERS", [])
    monkeypatch.setattr(module, "SUBJECTS", ["C", "Python", "Connection"])
    return module


@pytest.mark.parametrize(
    ("part", "line"),
    [
        ("parse", "Parse a masked message of 65,536 bytes, ASCII text: time for one"),
        ("write", "Write a binary message of 125 bytes as a client"),
    ],
)
def test_a_part_runs(
    bench: ModuleType, capsys: pytest.CaptureFixture[str], part: str, line: str
) -> None:
    assert bench.main(["--rounds", "1", part]) == 0
    printed = capsys.readouterr().out
    assert line in printed
    assert "left out, not installed: websockets, wsproto" in printed


@pytest.mark.parametrize("name", ["C", "Python", "Connection"])
@pytest.mark.parametrize("fragment", [0, 1024])
@pytest.mark.parametrize("text", [False, True])
def test_a_large_message_is_measured(
    bench: ModuleType, name: str, fragment: int, text: bool
) -> None:
    measured = bench.measure_one(name, 2**20, fragment, text)
    assert measured.keys() == {"seconds", "peak"}


def test_the_memory_of_a_large_message_is_bounded(bench: ModuleType) -> None:
    for fragment in (0, 1024):
        for text in (False, True):
            measured = bench.in_child("C", 32 * 2**20, fragment, text, 1)
            assert measured["peak"] <= 2.2


@pytest.mark.parametrize(("seconds", "told"), [(1.0, "met"), (10.0, "NOT MET")])
def test_a_target_is_met_or_not(
    bench: ModuleType, capsys: pytest.CaptureFixture[str], seconds: float, told: str
) -> None:
    bench.compare("title", {"C": seconds, "wsproto": 20.0}, {"C": 5.0})
    printed = capsys.readouterr().out
    assert f"{20 / seconds:.1f} x wsproto (target 5: {told})" in printed


def test_an_unknown_part_is_refused(bench: ModuleType) -> None:
    with pytest.raises(SystemExit):
        bench.main(["read"])
