"""Peers that stop: that never read what is sent to them, or vanish without a word."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from attack.wire import BINARY, Peer, dial

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Measure, Start, Victim

pytestmark = pytest.mark.attacks

MIB = 2**20

#: Instead of the 10 and 20 seconds of the defaults.
SHORT = 0.5

both_roles = pytest.mark.parametrize("role", ["server", "client"])


def victim_of(kind: Kind, victims: Start, role: str) -> Victim:
    if role == "client":
        return victims(kind)
    return victims(kind, ping_interval=SHORT, ping_timeout=SHORT, close_timeout=SHORT)


def meet(victim: Victim, role: str, path: str) -> Peer:
    """Open a connection with short times, from either side."""
    options = {"ping_interval": SHORT, "ping_timeout": SHORT, "close_timeout": SHORT}
    return victim.meet(role, path, options=options)


@both_roles
def test_sending_to_a_peer_that_stalls_ends(
    role: str, kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victim_of(kind, victims, role)
    meet(victim, role, "/read").close()
    with measure(victim, "a peer that never reads what it is sent", role):
        peer = meet(victim, role, "/flood")
        # It is given up although it is there, by the keepalive.
        ended = victim.settle(lambda stats: stats["ends"])
        assert ended["ends"][0].startswith("/flood 1006: no pong within 0.5 s")
        assert ended["messages"] > 0
        peer.close()


def test_broadcasting_to_a_peer_that_stalls_ends(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    # Without keepalive, which would end it too.
    victim = victims(kind, ping_interval=None, close_timeout=SHORT)
    good = victim.meet("server", "/subscribe")
    with measure(victim, "a broadcast to a peer that never reads", others=1):
        stalled = victim.meet("server", "/subscribe")
        for number in range(1, 101):
            victim.ask("broadcast", count=1, size=MIB // 8)
            assert good.exchange([], partial(has_received, number))
        # The one that reads has all of them; the other is closed, with 1013, and dropped.
        ended = victim.settle(lambda stats: stats["ends"])
        assert ended["ends"] == ["/subscribe 1006"]
        stalled.close()
    good.close()


def has_received(number: int, peer: Peer) -> bool:
    return len(peer.frames) == number


@both_roles
@pytest.mark.parametrize("way", ["vanishes", "leaves"])
def test_a_peer_that_goes_while_reading_is_paused_is_noticed(
    way: str, role: str, kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victim_of(kind, victims, role)
    meet(victim, role, "/read").close()
    with measure(victim, f"a peer that {way} while reading is paused", role):
        peer = meet(victim, role, "/hold")
        message = peer.wire.frame(BINARY, bytes(MIB // 4))
        assert peer.exchange([message * 16], reads=False)
        if way == "leaves":
            peer.close()
        # The handler has not ended, the connection has.
        victim.settle(lambda stats: (stats["connections"], stats["open"]) == (2, 1))
        victim.ask("release")
        victim.settle(lambda stats: stats["connections"] == 1)
        peer.close()


def test_a_peer_that_lets_the_closing_handshake_wait_is_dropped(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, close_timeout=SHORT)
    with measure(victim, "a peer that never answers a close frame"):
        peer = victim.meet("server", "/hold")
        victim.settle(lambda stats: stats["connections"] == 2)
        victim.ask("release")
        assert peer.exchange([], patience=2 * SHORT + 5)
        assert peer.code == 1000
        peer.close()


def test_a_peer_that_was_refused_and_goes_on_is_dropped(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, close_timeout=SHORT)
    with measure(victim, "a peer that goes on after its failure"):
        peer = victim.meet("server", "/read")
        peer.sock.sendall(peer.wire.frame(BINARY, length=2**40))
        assert peer.persist(bytes(MIB), patience=2 * SHORT + 5)
        assert peer.code == 1009
        peer.close()


def test_a_client_that_is_refused_and_stays_is_dropped(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, close_timeout=SHORT)
    # While asyncio reads, small objects come between its objects of 64 KiB in the heap of the C
    # library. That takes some MiB once, as it does under a protocol that does nothing.
    be_refused_and_go_on(victim)
    with measure(victim, "a client that goes on after its refusal", growth=MIB):
        be_refused_and_go_on(victim)


def be_refused_and_go_on(victim: Victim) -> None:
    peer = dial(victim.port)
    peer.sock.sendall(b"no request\r\n")
    assert peer.read_head().startswith(b"HTTP/1.1 400 ")
    assert peer.persist(bytes(MIB), patience=2 * SHORT + 5)
    peer.close()
