"""The tool that counts the instructions of a message: what it runs, and how it reads valgrind."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
from pathlib import Path

import pytest

import profile_message

ANNOTATED = """\
Ir
1,234 (61.7%)  Python/ceval.c:_PyEval_EvalFrameDefault'2 [/usr/lib/libpython3.11.so.1.0]
  700 (35.0%)  ./speedups/parser.c:ws_parser_feed [/somewhere/_speedups.so]
   66 ( 3.3%)  ???:memcpy [/lib/libc.so.6]
"""


@pytest.mark.parametrize("burst", profile_message.BURSTS)
async def test_each_message_is_sent_back(burst: int, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[bytes] = []

    class Keeping(profile_message.Nowhere):
        def __init__(self) -> None:
            super().__init__()
            self.write = sent.append  # type: ignore[method-assign, assignment]

    monkeypatch.setattr(profile_message, "Nowhere", Keeping)
    await profile_message.receive(burst, 16)
    echoes = b"".join(sent[1:])  # behind the response
    closing = b"\x88\x02\x03\xe9"
    assert echoes == (b"\x81\x10" + b"x" * 16) * burst * profile_message.READS + closing
    assert len(asyncio.all_tasks()) == 1


def test_what_valgrind_prints_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    class Result:
        stdout = ANNOTATED

    monkeypatch.setattr(subprocess, "run", lambda *args, **kwargs: Result())
    assert profile_message.annotate(Path("out")) == [
        (1234, "_PyEval_EvalFrameDefault'2", "/usr/lib/libpython3.11.so.1.0"),
        (700, "ws_parser_feed", "/somewhere/_speedups.so"),
        (66, "memcpy", "/lib/libc.so.6"),
    ]


def test_the_table_sums_up_the_parts() -> None:
    parts = {"the C of ws_frames": 1000.4, "Python: the handler": 2000.4}
    text = profile_message.table(64, parts, {"ws_parser_feed": 500.0})
    assert "| 64 in a read |" in text
    assert "| **all** | **3,001** |" in text
    assert "| parse and unmask, check UTF-8, make the message | 500 |" in text


def test_it_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert profile_message.main([]) == 2
    assert "valgrind" in capsys.readouterr().err


def test_the_functions_of_ours_that_it_looks_for_are_there() -> None:
    folder = Path(__file__).parents[2] / "packages" / "ws-frames" / "speedups"
    sources = "".join(path.read_text() for path in folder.glob("*.c"))
    ours = [name for name in profile_message.STAGES if name.startswith("ws_")]
    assert ours != []
    assert [name for name in [profile_message.ENTRY, *ours] if f"\n{name}(" not in sources] == []
