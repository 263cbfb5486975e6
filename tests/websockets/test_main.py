"""``python -m websockets``."""

from __future__ import annotations

import runpy
import sys

import pytest

from ws_asyncio.version import VERSION


def test_it_is_the_interactive_client(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["__main__.py", "--version"])
    with pytest.raises(SystemExit) as info:
        runpy.run_module("websockets", run_name="__main__")
    assert info.value.code == 0
    assert capsys.readouterr().out.startswith(f"websockets {VERSION}, ")


def test_importing_it_runs_nothing() -> None:
    runpy.run_module("websockets", run_name="websockets.__main__")
