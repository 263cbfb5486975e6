"""The tool that counts the instructions of a compressed message: what it runs, and how it counts."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import closing
from pathlib import Path

import pytest

import profile_deflate
from bench.program import Server
from bench.target import BARE, Target, targets_of


def target_of(name: str) -> Target:
    (target,) = targets_of(name, loops=("asyncio",))
    return target


@pytest.mark.parametrize("name", ["ours", BARE])
def test_messages_come_back(name: str) -> None:
    target = target_of(name)
    with closing(Server(target.command("servers", "--compression"))) as server:
        profile_deflate.exchange(target, server.port, 5)  # it looks at what it gets, or fails


def test_a_server_that_does_something_else_is_told_of() -> None:
    command = target_of("ours").command("servers", "--compression")
    failed = pytest.raises(profile_deflate.CountFailed, match="a wrong echo")
    with closing(Server(command)) as server, failed:
        profile_deflate.exchange(target_of(BARE), server.port, 1)


def test_what_is_done_once_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(command: list[str], **kwargs: object) -> None:
        (out,) = [word for word in command if word.startswith("--callgrind-out-file=")]
        instructions = 1_000_000 + 7 * int(command[-1])
        Path(out.partition("=")[2]).write_text(f"events: Ir\nsummary: {instructions}\n\n")

    monkeypatch.setattr(subprocess, "run", run)
    assert profile_deflate.count("zlib") == 7


def test_a_profile_without_a_summary_is_told_of() -> None:
    with pytest.raises(profile_deflate.CountFailed, match="no summary"):
        profile_deflate.total("events: Ir\n")


def test_zlib_has_as_many_messages_to_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[bytes]] = []
    monkeypatch.setattr(profile_deflate, "echo_by_zlib", given.append)
    assert profile_deflate.main(["--zlib", "3"]) == 0
    assert [len(payloads) for payloads in given] == [3]


def test_it_says_what_it_needs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert profile_deflate.main([]) == 2
    assert "valgrind" in capsys.readouterr().err
