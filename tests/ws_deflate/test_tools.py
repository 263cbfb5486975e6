"""What measures the extension: the same at every run."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

from ws_deflate import PerMessageDeflate, add_server_deflate

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(ROOT / "tools")


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
    assert isinstance(extension, PerMessageDeflate)
    assert extension.window_bits == default.window_bits
    assert extension.compress_settings == {"memLevel": default.memory_level}
    page = ROOT.joinpath("docs", "deflate.md").read_text(encoding="utf-8")
    assert f"\n| **{default.window_bits}** | **{default.memory_level}** |" in page
