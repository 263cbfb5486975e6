"""The tool that counts the instructions of a connection: what it runs, and how it counts."""

from __future__ import annotations

import asyncio
import shutil
import subprocess

import pytest

import profile_handshake


@pytest.mark.parametrize("kind", ["bare", "ours"])
async def test_connections_are_opened_and_closed(kind: str) -> None:
    await profile_handshake.answer(kind, 3)  # the client looks at what it gets, or fails
    assert len(asyncio.all_tasks()) == 1


async def test_a_client_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_handshake.Bare, "answers", (b"\r\n", b"no close frame"))
    with pytest.raises(RuntimeError, match="the client failed"):
        await profile_handshake.answer("bare", 1)


def test_a_response_opens_the_connection() -> None:
    assert profile_handshake.response().startswith(b"HTTP/1.1 101 ")


def test_what_is_done_once_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **kwargs: object) -> subprocess.CompletedProcess[str]:
        instructions = 1_000_000 + 7 * int(command[-1])
        return subprocess.CompletedProcess(command, 0, "", f"==1== Collected : {instructions}\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert profile_handshake.count("judge") == 7


def test_it_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert profile_handshake.main([]) == 2
    assert "valgrind" in capsys.readouterr().err
