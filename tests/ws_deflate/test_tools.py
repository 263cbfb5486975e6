"""What measures and fuzzes the extension: the same at every run, and not blind."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from ws_deflate import add_server_deflate
from ws_deflate.inflater import Inflater

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")


@pytest.fixture
def fuzzer() -> ModuleType:
    return importlib.import_module("deflate_fuzz")


def test_traffic_is_the_same_at_every_run() -> None:
    traffic = importlib.import_module("deflate_traffic")
    for kind in traffic.TRAFFIC:
        first = traffic.messages(kind, 20)
        assert first == traffic.messages(kind, 20)
        assert len(set(first)) == 20


def test_what_is_measured_as_the_default_is_the_default() -> None:
    default = importlib.import_module("deflate_measure").Setup()
    (factory,) = add_server_deflate(None)
    _, extension = factory.process_request_params([("client_max_window_bits", None)], [])
    assert vars(extension)["window_bits"] == default.window_bits
    assert vars(extension)["compress_settings"] == {"memLevel": default.memory_level}
    page = ROOT.joinpath("docs", "deflate.md").read_text(encoding="utf-8")
    assert f"\n| **{default.window_bits}** | **{default.memory_level}** |" in page


def test_some_inputs_are_fuzzed(fuzzer: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzzer.main(["--count", "1000", "--seed", "5"]) == 0
    assert "1000 inputs" in capsys.readouterr().out


def test_the_fuzzer_sees_a_limit_that_does_not_hold(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    decompress = Inflater.decompress
    monkeypatch.setattr(
        Inflater, "decompress", lambda self, data, fin, limit: decompress(self, data, fin, None)
    )
    with pytest.raises(AssertionError):
        fuzzer.main(["--count", "1000"])


def test_the_fuzzer_sees_data_that_is_lost(
    fuzzer: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    decompress = Inflater.decompress
    monkeypatch.setattr(
        Inflater, "decompress", lambda self, *arguments: decompress(self, *arguments)[:500]
    )
    with pytest.raises(AssertionError):
        fuzzer.main(["--count", "1000"])
