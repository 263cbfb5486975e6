"""``python -m ws_frames`` says what is in use."""

from __future__ import annotations

import os
import runpy
import subprocess
import sys
from importlib.metadata import version

import pytest

from ws_frames import __main__, speedups


def test_the_c_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "IMPLEMENTATION", "c")
    __main__.main()
    assert capsys.readouterr().out == f"ws-frames {version('ws-frames')}, with C speedups\n"


def test_the_reason_against_the_c_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(__main__, "IMPLEMENTATION", "python")
    monkeypatch.setattr(__main__, "REASON", "not compiled (no compiler)")
    __main__.main()
    expected = "pure Python: C speedups not compiled (no compiler)"
    assert capsys.readouterr().out == f"ws-frames {version('ws-frames')}, {expected}\n"


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        ("never", "pure Python: C speedups switched off (WS_FRAMES_SPEEDUPS=never)"),
        (None, speedups.REASON or "with C speedups"),
    ],
)
def test_it_runs_as_a_program(mode: str | None, words: str) -> None:
    environment = dict(os.environ)
    if mode is not None:
        environment["WS_FRAMES_SPEEDUPS"] = mode
    command = [sys.executable, "-m", "ws_frames"]
    printed = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert words in printed.stdout


def test_it_can_be_run_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delitem(sys.modules, __main__.__name__)
    runpy.run_module("ws_frames", run_name="__main__")
    assert capsys.readouterr().out.startswith(f"ws-frames {version('ws-frames')}, ")
