"""The tool that counts the instructions of a message: what it runs, and what it shows."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import profile_message


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


def test_the_table_sums_up_the_parts() -> None:
    parts = {"the C of ws_frames": 1000.4, "Python: the handler": 2000.4}
    text = profile_message.table(64, parts, {"ws_parser_feed": 500.0})
    assert "| 64 in a read |" in text
    assert "| **all** | **3,001** |" in text
    assert "| parse and unmask, check UTF-8, make the message | 500 |" in text


def test_the_functions_of_ours_that_it_looks_for_are_there() -> None:
    folder = Path(__file__).parents[2] / "packages" / "ws-frames" / "speedups"
    sources = "".join(path.read_text() for path in folder.glob("*.c"))
    ours = [name for name in profile_message.STAGES if name.startswith("ws_")]
    assert ours != []
    assert [name for name in [profile_message.ENTRY, *ours] if f"\n{name}(" not in sources] == []
