"""
The short forms of ``hatch run soak``: some seconds each, with the same bounds.

That they would find something is tried by leaks that are planted.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from attack.wire import dial
from soak import mixed
from soak.churn import Churn, run_churn
from soak.idle import run_idle
from soak.kind import KINDS, Kind
from soak.mixed import run_mixed
from soak.process import Subject
from soak.traffic import KINDS as KINDS_OF_TRAFFIC

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(
        not Path("/proc/self/fd").is_dir(),
        reason="there is no /proc that tells what a process holds",
    ),
]

FEW_KINDS = ["asyncio-c", "uvloop-py"]

on_few_kinds = pytest.mark.parametrize("kind", FEW_KINDS, indirect=True)


@pytest.fixture
def kind(request: pytest.FixtureRequest) -> Kind:
    """What the processes under test run on."""
    kind = KINDS[request.param]
    if kind.missing is not None:
        pytest.skip(kind.missing)
    return kind


@pytest.fixture
def some_kind() -> Kind:
    """One that there is everywhere."""
    return KINDS["asyncio-py"]


@on_few_kinds
def test_nothing_is_left_of_thousands_of_connections(kind: Kind) -> None:
    found = run_churn(kind, 2_000)
    assert found.broken == []


@on_few_kinds
def test_hundreds_of_idle_connections_are_pinged_and_freed(kind: Kind) -> None:
    found = run_idle(kind, 500, interval=1, pings=2)
    assert found.broken == []


def test_nothing_is_left_of_mixed_traffic() -> None:
    kinds = [KINDS[name] for name in FEW_KINDS if KINDS[name].missing is None]
    found = run_mixed(kinds, seconds=12, warm_up=0, seed=1)
    done = sum((each.done for each in found), Counter[str]())
    assert [excess for each in found for excess in each.broken] == []
    assert {kind: done[kind] for kind in KINDS_OF_TRAFFIC if not done[kind]} == {}
    assert min(done["through a broken TCP"], done["to a rogue server"], done["messages"]) > 0


# Do they find anything?


@pytest.mark.parametrize(
    ("leak", "count", "excess"),
    [
        ("connections", 200, "more objects"),
        ("memory", 1_000, "memory grew by"),
        ("descriptors", 200, "more descriptors"),
        ("tasks", 200, "more tasks"),
        # One a connection, and one of that which looks whether all was accepted.
        ("garbage", 200, "201 objects of cyclic garbage: 201 builtins.list"),
    ],
)
def test_a_leak_that_is_planted_is_found(
    leak: str, count: int, excess: str, some_kind: Kind
) -> None:
    found: Churn = run_churn(some_kind, count, leak, patience=0)
    assert any(excess in broken for broken in found.broken)
    assert all(": server: " in broken for broken in found.broken)


def test_connections_that_answer_no_ping_are_missed(some_kind: Kind) -> None:
    found = run_idle(some_kind, 20, interval=0.2, pings=100, deaf=3, timeout=0.2)
    assert any("connections were lost" in broken for broken in found.broken)
    assert any("connections never answered" in broken for broken in found.broken)


def test_a_leak_in_mixed_traffic_is_found(some_kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mixed, "PROXIES", 0)  # which take the most time, by what stalls
    (found,) = run_mixed([some_kind], seconds=0, warm_up=0, seed=1, leak="connections")
    assert any("server: " in broken and "more objects" in broken for broken in found.broken)


def test_a_timer_that_connections_share_is_waited_for(some_kind: Kind) -> None:
    timer = "ws_asyncio.timers.SharedTimer"
    server = Subject(some_kind, ping_interval=1, close_timeout=1)
    try:
        before = server.stock()
        peer = dial(server.port)
        peer.open("/echo")
        assert timer in server.do("census")
        peer.close()
        server.settle(before)
        server.rest()
        assert timer not in server.do("census")
    finally:
        server.close()
