"""The tool that counts the instructions of a connection: what it runs, and how it counts."""

from __future__ import annotations

import asyncio
from contextlib import closing

import pytest

import callgrind
import profile_handshake
from bench.program import Server
from bench.target import targets_of


@pytest.mark.parametrize("kind", ["bare", "ours"])
async def test_connections_are_opened_and_closed(kind: str) -> None:
    await profile_handshake.answer(kind, 3)  # the client looks at what it gets, or fails
    assert len(asyncio.all_tasks()) == 1


def test_connections_are_made_to_a_server_of_the_benchmarks() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    with closing(Server(target.command("servers"))) as server:
        profile_handshake.connect(server.port, 3)  # it looks at what it gets, or fails


async def test_a_client_that_fails_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profile_handshake.Bare, "answers", (b"\r\n", b"no close frame"))
    with pytest.raises(RuntimeError, match="the client failed"):
        await profile_handshake.answer("bare", 1)


def test_a_response_opens_the_connection() -> None:
    assert profile_handshake.response().startswith(b"HTTP/1.1 101 ")


def test_all_that_judging_takes_is_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    programs: list[list[str]] = []
    monkeypatch.setattr(callgrind.Profile, "run", lambda profile, program: programs.append(program))
    monkeypatch.setattr(callgrind.Profile, "total", lambda profile: 1234)
    assert profile_handshake.count("judge", 3) == 1234
    ((_, program, *options),) = programs
    assert (program, options) == (profile_handshake.__file__, ["--run", "judge", "3"])


def test_what_is_done_once_does_not_count(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(callgrind, "require", lambda: None)
    monkeypatch.setattr(profile_handshake, "count", lambda kind, times: 1_000_000 + 7 * times)
    assert profile_handshake.main([]) == 0
    table = capsys.readouterr().out.splitlines()
    costs = [f"| {text} | 7 |" for text in profile_handshake.KINDS.values()]
    assert table[-len(costs) :] == costs
