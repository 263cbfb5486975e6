"""How the tools that count instructions run callgrind, and how they read what it writes."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

import callgrind
import profile_deflate
import profile_handshake
import profile_message

ANNOTATED = """\
Ir
1,234 (61.7%)  Python/ceval.c:_PyEval_EvalFrameDefault'2 [/usr/lib/libpython3.11.so.1.0]
  700 (35.0%)  ./speedups/parser.c:ws_parser_feed [/somewhere/_speedups.so]
   66 ( 3.3%)  ???:memcpy [/lib/libc.so.6]
"""


def write(command: list[str], **kwargs: object) -> None:
    """Do as callgrind does, whatever the program."""
    (out,) = [word for word in command if word.startswith("--callgrind-out-file=")]
    Path(out.partition("=")[2]).write_text("events: Ir\nsummary: 1234\n\n")


def test_a_program_is_run_under_callgrind(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subprocess, "run", write)
    with callgrind.profile("--toggle-collect=main") as profile:
        command = profile.command(["program", "argument"])
        profile.run(["program", "argument"])
        assert profile.total() == 1234
    assert command[:2] == ["valgrind", "--tool=callgrind"]
    assert command[-3:] == ["--toggle-collect=main", "program", "argument"]
    assert not profile.file.exists()


def test_a_profile_without_a_summary_is_told_of() -> None:
    with callgrind.profile() as profile:
        profile.file.write_text("events: Ir\n")
        with pytest.raises(callgrind.CountFailed, match="no summary"):
            profile.total()


def test_what_callgrind_annotate_prints_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Result:
        stdout = ANNOTATED

    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: Result())
    with callgrind.profile() as profile:
        assert profile.functions() == [
            (1234, "_PyEval_EvalFrameDefault'2", "/usr/lib/libpython3.11.so.1.0"),
            (700, "ws_parser_feed", "/somewhere/_speedups.so"),
            (66, "memcpy", "/lib/libc.so.6"),
        ]


@pytest.mark.parametrize("tool", [profile_message, profile_handshake, profile_deflate])
def test_each_tool_says_what_it_needs(
    tool: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit) as ended:
        tool.main([])
    assert ended.value.code == 2
    assert "valgrind" in capsys.readouterr().err
