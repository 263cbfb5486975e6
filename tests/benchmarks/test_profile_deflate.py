"""The tool that counts the instructions of a compressed message: what it runs, and how it counts."""

from __future__ import annotations

from contextlib import closing

import pytest

import callgrind
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
    failed = pytest.raises(callgrind.CountFailed, match="a wrong echo")
    with closing(Server(command)) as server, failed:
        profile_deflate.exchange(target_of(BARE), server.port, 1)


def test_zlib_has_as_many_messages_to_give_back(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[list[bytes]] = []
    monkeypatch.setattr(profile_deflate, "echo_by_zlib", given.append)
    assert profile_deflate.main(["--zlib", "3"]) == 0
    assert [len(payloads) for payloads in given] == [3]


def test_all_that_zlib_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[list[str]] = []
    monkeypatch.setattr(callgrind.Profile, "run", lambda profile, program: programs.append(program))
    monkeypatch.setattr(callgrind.Profile, "total", lambda profile: 1234)
    assert profile_deflate.count("asyncio", "zlib", 3) == 1234
    ((_, program, *options),) = programs
    assert (program, options) == (profile_deflate.__file__, ["--zlib", "3"])


def test_what_is_done_once_does_not_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(callgrind, "require", lambda: None)
    monkeypatch.setattr(profile_deflate, "count", lambda loop, kind, times: 1_000_000 + 7 * times)
    assert profile_deflate.main(["--loop", "uvloop"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert "| a compressed message and its echo, uvloop | instructions |" in table
    costs = [f"| {text} | 7 |" for text in profile_deflate.KINDS.values()]
    assert table[-len(costs) :] == costs
