"""The servers and clients that are measured: those of this project, and the bare protocol."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from bench.__main__ import ROWS, main
from bench.deflate_row import frames_of, inflate_answers, read_answers
from bench.environment import OURS, child_environment, python_of, versions_of
from bench.figure import Figures
from bench.inventory import BYTES, NUMBER, OBJECTS
from bench.load import command, load
from bench.machine import all_cpus
from bench.memory_row import STATES, held
from bench.objects_row import CONNECTIONS as CENSUS
from bench.objects_row import add_objects
from bench.processes_row import CONNECTIONS, burden
from bench.program import Program, ProgramFailed, Server, load_server, started, started_clients
from bench.target import BARE, Target, targets_of

pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="it asks Linux for events and CPU time"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
]

LOOPS = ("asyncio", "uvloop") if find_spec("uvloop") else ("asyncio",)
TARGETS = targets_of("ours", BARE, loops=LOOPS)

every_target = pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.name)


@every_target
def test_a_server_echoes(target: Target) -> None:
    with started([target]) as servers:
        server = servers[target]
        for options in ({"size": 16, "burst": 64}, {"size": 65_536}):
            raw = target.library.raw
            report = load(
                "echo", port=server.port, pid=server.pid, seconds=0.05, raw=raw, **options
            )
            assert report["messages"] > 0
            assert report["cpu"] > 0


@every_target
def test_a_client_checks_echoes(target: Target) -> None:
    with load_server(raw=target.library.raw) as server, started_clients([target]) as clients:
        trial = {"port": server.port, "size": 300, "burst": 5, "messages": 10, "seconds": 30}
        for more in ({}, {"text": True}, {"sliding": True}):
            report = clients[target].ask(json.dumps({**trial, **more}))
            assert report["messages"] == 10
            assert report["seconds"] > 0


def test_a_message_can_go_in_fragments() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    with load_server() as server, started_clients([target]) as clients:
        trial = {"port": server.port, "size": 5000, "fragment": 1000, "messages": 1}
        assert clients[target].ask(json.dumps(trial))["messages"] == 1


def test_a_client_ends_with_a_wrong_echo() -> None:
    """It sends bytes that are no request, and gets none of them back."""
    (bare,) = targets_of(BARE, loops=("asyncio",))
    ours, *_ = targets_of("ours", loops=("asyncio",))
    with started([ours]) as servers, started_clients([bare]) as clients:
        trial = {"port": servers[ours].port, "size": 3, "messages": 1}
        with pytest.raises(ProgramFailed, match="a wrong echo"):
            clients[bare].ask(json.dumps(trial))


def test_a_server_tells_of_its_garbage_tasks_and_memory() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    with started([target]) as servers:
        server = servers[target]
        assert server.ask("count") == {"tasks": 0, "timers": 0}
        assert server.ask("keep garbage") == {}
        load("echo", port=server.port, messages=1)
        assert server.ask("collect garbage")["objects"] >= 0
        assert server.status("VmHWM") >= server.status("VmRSS") > 2**20
        assert server.cpu() > 0


def test_the_end_of_a_connection_is_waited_for() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    with started([target]) as servers:
        server = servers[target]
        server.ask("count")
        at_rest = server.count_sockets()
        server.wait_for_end(at_rest)
        with socket.create_connection(("127.0.0.1", server.port)):
            while server.count_sockets() == at_rest:
                server.ask("count")
            server.timeout = 0
            with pytest.raises(ProgramFailed, match="still open after 0 s"):
                server.wait_for_end(at_rest)
        server.timeout = 20
        server.wait_for_end(at_rest)
        assert server.count_sockets() == at_rest


@every_target
def test_connections_take_turns(target: Target) -> None:
    with started([target], "--ping-interval", "0") as servers:
        options = {"port": servers[target].port, "pid": servers[target].pid, "size": 100}
        turns = Program(command("turns", connections=3, raw=target.library.raw, **options))
        try:
            assert json.loads(turns.read_line()) == {"open": 3}
            for _ in range(2):
                report = turns.ask("0.02")
                assert report["messages"] > 0
                assert report["bytes"] == 100 * report["messages"]
                assert report["cpu"] > 0
        finally:
            turns.close()


def test_several_processes_have_one_port() -> None:
    (target,) = targets_of("ours, processes", loops=("asyncio",))
    with started([target], "--processes", "2") as servers:
        pids = servers[target].ask("")
        assert len(set(pids)) == 2
        report, share = burden(servers[target].port, pids, 0.1)
    assert report["messages"] >= CONNECTIONS
    assert report["cpu"] > 0
    assert 0.5 <= share < 1


def test_a_row_is_left_to_all_cpus_and_the_next_is_not() -> None:
    kept = os.sched_getaffinity(0)
    with all_cpus() as count:
        assert len(os.sched_getaffinity(0)) == count
    assert os.sched_getaffinity(0) == kept


def test_twice_as_many_connections_have_twice_as_many_objects() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    kind = "ws_asyncio.server_protocol.WebSocketServerProtocol"
    with started([target]) as servers:
        server = servers[target]
        counts = []
        for connections in (2, 4):
            with held(server, STATES[0], Path(), connections):
                counts.append(server.ask("census")[kind][0])
                places = server.ask("places")
        assert server.ask("traced") == {"bytes": 0}
    assert counts == [2, 4]
    assert places[kind] == ["ws"]
    assert places["_asyncio.Task"] == ["ws.handler_task"]
    assert "ws_asyncio.server.WebSocketServer" not in places


def test_what_a_connection_holds_is_half_the_difference() -> None:
    figures = Figures()
    few = {"a": (10, 1000), "b": (5, 50), "c": (3, 3)}
    many = {
        "a": (10 + CENSUS, 1000 + 80 * CENSUS),
        "b": (5, 50),
        "c": (3, 4),
        "d": (CENSUS, CENSUS),
    }
    assert add_objects("work", few, many, figures) == 81
    assert figures.of("work", "a", BYTES) == [80]
    assert figures.of("work", "a", NUMBER) == [1]
    assert figures.targets("work") == ["a", "d", OBJECTS]


def test_a_server_sends_what_it_gets_to_all() -> None:
    (target,) = targets_of("ours", loops=("asyncio",))
    with started([target], "--broadcast", "--ping-interval", "0") as servers:
        report = load_sink(servers[target].port, connections=3)
    assert report["messages"] == 6


def load_sink(port: int, connections: int) -> dict[str, float]:
    sink = Program(command("sink", port=port, connections=connections, size=50))
    try:
        sink.read_line()
        report: dict[str, float] = sink.ask("2")
    finally:
        sink.close()
    return report


def test_a_server_compresses(tmp_path: Path) -> None:
    texts = [b"one text after the other, %d" % i * 10 for i in range(5)]
    (tmp_path / "frames").write_bytes(b"".join(frames_of(texts)))
    (target,) = targets_of("ours", loops=("asyncio",))
    with started([target], "--compression") as servers:
        load(
            "replay",
            port=servers[target].port,
            file=tmp_path / "frames",
            record=tmp_path / "answers",
        )
    answers = list(read_answers((tmp_path / "answers").read_bytes()))
    assert list(inflate_answers(answers)) == texts
    assert sum(len(payload) for _, payload in answers) < sum(map(len, texts)) / 2


def test_a_program_that_does_not_start_says_why() -> None:
    with pytest.raises(ProgramFailed, match="no port today"):
        Server([sys.executable, "-c", "raise SystemExit('no port today')"])


def test_ours_run_in_this_environment() -> None:
    assert python_of(OURS) == sys.executable
    assert "ws-asyncio" in versions_of(OURS)
    assert Path(child_environment()["PYTHONPATH"], "bench", "__main__.py").exists()


def test_what_is_measured_runs_from_bytecode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    program = "import sys; print(sys.dont_write_bytecode)"
    command = [python_of(OURS), "-c", program]
    assert subprocess.check_output(command, env=child_environment(), text=True) == "False\n"


def test_each_row_is_listed_with_what_it_is_about(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(ROWS)
    for row in ROWS.values():
        assert row.goals, row.name


def test_an_unknown_row_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["nothing"])
    assert "no row nothing; there are server-one" in capsys.readouterr().err
