"""Victims to attack, each in a process of its own, and what is measured of them."""

from __future__ import annotations

import importlib.util
import json
import os
import platform
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Callable, NamedTuple

import pytest

from attack.wire import BINARY, PATIENCE, PING, Listener, Peer, dial

TOOLS = Path(__file__).resolve().parents[2] / "tools"

MIB = 2**20

#: What one peer may make a victim with the default settings grow by.
GROWTH = 2 * 2**20 + MIB

#: What a victim may keep of a peer that has gone: pages of which something else is left.
KEPT = MIB // 2

#: Others are answered within 50 ms, which a test can't insist on while other programs run.
#: So what counts is for how many seconds of CPU an event loop is busy with one peer in one
#: turn, with a margin for slow machines; and that nobody had to wait for very long.
BUSY = 0.1
FROZEN = 2.0


class Kind(NamedTuple):
    """What a victim runs on."""

    loop: str
    twin: str


KINDS = [Kind(loop, twin) for loop in ("asyncio", "uvloop") for twin in ("c", "py")]
FEW_KINDS = [Kind("asyncio", "c"), Kind("uvloop", "py")]


@dataclass
class Figures:
    """What an attack did to a victim."""

    row: str
    role: str
    kind: Kind
    growth: int = 0
    busy: float = 0.0
    latency: float = 0.0
    freed: float = 0.0


class Victim:
    """A running tools/attack/victim.py, and a client that it has to go on answering."""

    def __init__(self, kind: Kind, arguments: list[str], folder: Path) -> None:
        self.kind = kind
        self.log = folder / "log"
        environment = {**os.environ, "PYTHONPATH": search_path()}
        environment["WS_FRAMES_SPEEDUPS"] = "require" if kind.twin == "c" else "never"
        # Else it grows by itself, and the C library keeps some MiB of what was freed.
        environment["MALLOC_MMAP_THRESHOLD_"] = environment["MALLOC_TRIM_THRESHOLD_"] = "131072"
        command = [sys.executable, "-W", "error", "-m", "attack.victim"]
        with self.log.open("wb") as log:
            self.process = start([*command, "--loop", kind.loop, *arguments], environment, log)
        line = read_line(self.process)
        assert line, self.log.read_text()
        self.port = int(line)
        self._probe: subprocess.Popen[str] | None = None
        #: Whether it may be attacked again.
        self.sound = True

    def ask(self, do: str, **arguments: Any) -> dict[str, Any]:
        """Give it a command; it answers with what it holds."""
        tell(self.process, json.dumps({"do": do, **arguments}))
        answer: dict[str, Any] = json.loads(read_line(self.process))
        return answer

    def warm_up(self) -> None:
        """Let it make what an event loop makes once: the buffer of all large reads."""
        peer = self.meet("server", "/read")
        sent = peer.wire.frame(BINARY, bytes(2 * 65_536)) + peer.wire.frame(PING, b"read")
        assert peer.exchange([sent], lambda peer: peer.answered(b"read"))
        peer.close()
        self.settle(lambda stats: stats["ends"])  # so that no test takes this for its own

    def settle(self, reached: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Ask until something is so."""
        deadline = time.monotonic() + PATIENCE
        ends: list[str] = []
        while True:
            stats = self.ask("stats")
            ends = stats["ends"] = ends + stats["ends"]
            if reached(stats):
                return stats
            assert time.monotonic() < deadline, stats
            time.sleep(0.01)

    def meet(
        self, role: str, path: str, headers: str = "", options: dict[str, Any] | None = None
    ) -> Peer:
        """Open a connection to its server, or one of its client, for the handler of a path.

        ``options`` are those of its client; its server has its own.
        """
        if role == "server":
            peer = dial(self.port)
            peer.open(path, headers)
            return peer
        with Listener() as listener:
            self.ask("connect", uri=listener.uri, path=path, options=options or {})
            peer = listener.accept()
        peer.accept(headers)
        return peer

    # What is measured

    def reset_peak(self) -> None:
        """Forget how much memory it used until now."""
        Path(f"/proc/{self.process.pid}/clear_refs").write_text("5")

    @property
    def peak(self) -> int:
        """Bytes of memory that it used at most since :meth:`reset_peak`."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) * 1024

    def longest_wait(self) -> float:
        """Seconds that a well-behaved client had to wait for an answer since the last call."""
        if self._probe is None:
            command = [sys.executable, "-m", "attack.probe", str(self.port)]
            self._probe = start(command, {**os.environ, "PYTHONPATH": search_path()}, None)
        tell(self._probe, "")
        return float(read_line(self._probe))

    def rest(self) -> None:
        """Let that client rest until the next call: others are to have the machine."""
        if self._probe is not None and self.sound:
            tell(self._probe, "rest")

    def close(self) -> None:
        for process in (self._probe, self.process):
            if process is None:
                continue
            if not self.sound:
                process.kill()
            try:
                process.communicate(timeout=PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.communicate()


def start(
    command: list[str], environment: dict[str, str], log: IO[bytes] | None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=log,
        env=environment,
        text=True,
        bufsize=1,
    )


def tell(process: subprocess.Popen[str], line: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def read_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    readable, _, _ = select.select([process.stdout], [], [], PATIENCE)
    assert readable, "no answer"
    return process.stdout.readline()


def search_path() -> str:
    """Where the programs find what they import: the tools, and what is set for the tests."""
    return os.pathsep.join(filter(None, [str(TOOLS), os.environ.get("PYTHONPATH", "")]))


# Fixtures


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> Iterator[list[Figures]]:
    measured: list[Figures] = []
    yield measured
    path = request.config.getoption("--attacks-table", default=None)
    if path and measured:
        Path(path).write_text(write_table(measured), encoding="utf-8")


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("attacks")
    group.addoption("--attacks-table", metavar="FILE", help="write what was measured to FILE")
    group.addoption("--all-kinds", action="store_true", help="each event loop with each twin")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "kind" in metafunc.fixturenames:
        all_kinds = metafunc.config.getoption("--all-kinds", default=False)
        kinds = KINDS if all_kinds else FEW_KINDS
        metafunc.parametrize("kind", kinds, ids="-".join, indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    """What the victim runs on."""
    kind: Kind = request.param
    check_kind(kind)
    return kind


def check_kind(kind: Kind) -> None:
    if not os.access("/proc/self/clear_refs", os.W_OK):
        pytest.skip("there is no /proc that tells how much memory a process uses")
    if kind.loop == "uvloop":
        pytest.importorskip("uvloop", reason="uvloop isn't made for this system")
    if kind.twin == "c" and os.environ.get("WS_FRAMES_SPEEDUPS") == "never":
        pytest.skip("the C is switched off")
    if kind.twin == "c" and importlib.util.find_spec("ws_frames._speedups") is None:
        pytest.skip("the C is not built")


Start = Callable[..., Victim]


@pytest.fixture(scope="session")
def victims(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start victims, one for each kind and each set of arguments."""
    running: dict[tuple[object, ...], Victim] = {}

    def victim(kind: Kind, *arguments: str, **options: Any) -> Victim:
        extra = ["--options", json.dumps(options), *arguments]
        key = (kind, *extra)
        if key in running and not running[key].sound:
            running.pop(key).close()
        for other in running.values():
            other.rest()
        if key not in running:
            running[key] = Victim(kind, extra, tmp_path_factory.mktemp("victim"))
            if not arguments:  # it speaks plain WebSocket, and has all that it may need
                running[key].warm_up()
        return running[key]

    yield victim
    for each in running.values():
        each.close()


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Start]:
    """Start victims that no other test has to do with."""
    started: list[Victim] = []

    def victim(kind: Kind, *arguments: str, **options: Any) -> Victim:
        folder = tmp_path / str(len(started))
        folder.mkdir()
        started.append(Victim(kind, ["--options", json.dumps(options), *arguments], folder))
        return started[-1]

    yield victim
    for each in started:
        each.close()


@pytest.fixture
def certificate() -> str:
    """A file with a certificate for localhost, and its key."""
    return str(TOOLS.parent / "tests" / "ws_asyncio" / "localhost.pem")


@pytest.fixture
def victim(kind: Kind, victims: Start) -> Victim:
    """A server with the default settings."""
    return victims(kind)


Measure = Callable[..., Any]


@pytest.fixture
def measure(figures: list[Figures]) -> Measure:
    """Hold a victim to the promise while its body attacks it, and behind it."""

    @contextmanager
    def measure(
        victim: Victim,
        row: str,
        role: str = "server",
        *,
        growth: int = GROWTH,
        busy: float = BUSY,
        others: int = 0,
    ) -> Iterator[Figures]:
        found = Figures(row, role, victim.kind)
        victim.longest_wait()
        # The client that asks, and the main task, besides those that are well-behaved too.
        calm = (1 + others, 2 + others)
        before = victim.settle(lambda stats: (stats["connections"], stats["tasks"]) == calm)
        victim.reset_peak()
        victim.longest_wait()
        victim.ask("stats")
        victim.sound = False
        yield found
        left = time.monotonic()
        found.latency = victim.longest_wait()
        found.growth = victim.peak - before["rss"]
        found.busy = max(found.busy, victim.ask("stats")["busy"])
        victim.settle(lambda stats: is_freed(stats, before))
        found.freed = time.monotonic() - left
        victim.sound = True
        figures.append(found)
        print(found)
        # Unmasking in pure Python takes several times the size of a read, for a moment.
        bound = growth + (MIB if victim.kind.twin == "py" else 0)
        assert found.growth <= bound, f"grew by {found.growth / MIB:.2f} MiB"
        assert found.busy <= busy, f"busy for {found.busy:.3f} s"
        assert found.latency <= FROZEN, f"others waited for {found.latency:.3f} s"

    return measure


def is_freed(stats: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether a victim holds no more than it did before."""
    counts = ("connections", "tasks", "descriptors")
    return stats["rss"] <= before["rss"] + KEPT and all(
        stats[name] <= before[name] for name in counts
    )


INTRODUCTION = """# Attacks, measured

What the attacks of `tests/attacks` did to a server, or a client, with the default settings; the worst of each row.
[The threat model](threats.md) says what they are good for. Written by `hatch run attacks --attacks-table docs/attacks.md`, on
{machine}.

- *MiB more*: peak of the memory of its process (RSS) above what it used before. The C library is told to give back at
  once what is freed.
- *ms busy*: CPU time of the longest turn of its event loop.
- *ms wait*: the longest time that a second, well-behaved client waited for an echo, other programs on the machine included.
- *s until freed*: from the peer's leaving until memory, tasks, connections and descriptors were what they had been.

| attack | on the | event loop | twin | MiB more | ms busy | ms wait | s until freed |
| --- | --- | --- | --- | --- | --- | --- | --- |
"""


def write_table(measured: list[Figures]) -> str:
    """Give the worst of each row as a page."""
    worst: dict[tuple[str, str, Kind], Figures] = {}
    for each in measured:
        key = (each.row, each.role, each.kind)
        seen = worst.setdefault(key, each)
        seen.growth = max(seen.growth, each.growth)
        seen.busy = max(seen.busy, each.busy)
        seen.latency = max(seen.latency, each.latency)
        seen.freed = max(seen.freed, each.freed)
    cpus = os.cpu_count()
    machine = f"{platform.system()} with {cpus} CPUs, Python {platform.python_version()}"
    lines = [
        f"| {each.row} | {each.role} | {each.kind.loop} | {each.kind.twin} "
        f"| {each.growth / MIB:.2f} | {each.busy * 1000:.0f} | {each.latency * 1000:.0f} "
        f"| {each.freed:.2f} |\n"
        for each in worst.values()
    ]
    return INTRODUCTION.format(machine=machine) + "".join(lines)
