"""More connections than a server wants, or has descriptors for."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import pytest

from attack.wire import Peer, dial, request

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Measure, Start, Victim

pytestmark = pytest.mark.attacks

MIB = 2**20

#: Seconds for which a server without descriptors is watched.
WATCHED = 1.0


def ask(victim: Victim) -> Peer:
    """Connect and send a request, without waiting for the response."""
    peer = dial(victim.port)
    peer.sock.sendall(request("/hold"))
    return peer


def status(peer: Peer) -> bytes:
    return peer.read_head().split()[1]


def crowd(victim: Victim) -> None:
    """Take all places, and ask for 200 more."""
    wanted = [ask(victim) for _ in range(9)]  # and the one that asks
    assert [status(peer) for peer in wanted] == [b"101"] * 9
    refused = [ask(victim) for _ in range(200)]
    assert [status(peer) for peer in refused] == [b"503"] * 200
    victim.settle(lambda stats: stats["connections"] == 10)
    for peer in [*wanted, *refused]:
        peer.close()
    victim.ask("release")


def test_more_connections_than_the_maximum_are_refused(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, max_connections=10)
    victim.longest_wait()
    # What Python's allocator keeps for small objects, which are spread more each time, grows by up
    # to half a MiB at first, and hardly any more from the sixth time on.
    for _ in range(6):
        crowd(victim)
        victim.settle(lambda stats: (stats["connections"], stats["tasks"]) == (1, 2))
    with measure(victim, "more connections than the maximum", growth=2 * MIB):
        crowd(victim)


def test_a_place_that_gets_free_is_given_to_the_next(kind: Kind, victims: Start) -> None:
    victim = victims(kind, max_connections=10)
    victim.longest_wait()
    wanted = [ask(victim) for _ in range(9)]
    assert [status(peer) for peer in wanted] == [b"101"] * 9
    victim.settle(lambda stats: stats["connections"] == 10)
    victim.ask("release")
    for peer in wanted:
        peer.exchange([peer.wire.frame(8)])
        peer.close()
    victim.settle(lambda stats: (stats["connections"], stats["tasks"]) == (1, 2))
    peer = ask(victim)
    assert status(peer) == b"101"
    peer.close()
    victim.ask("release")


def test_a_server_without_descriptors_waits_until_it_has_some(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, "--descriptors", "100", "--level", "CRITICAL")
    with measure(victim, "no descriptors left", growth=2 * MIB):
        victim.ask("occupy", leave=3)
        before = victim.ask("stats")["cpu"]
        waiting = [ask(victim) for _ in range(30)]
        time.sleep(WATCHED)
        used = victim.ask("stats")["cpu"] - before
        assert used < WATCHED / 4
        victim.ask("leave")
        later = ask(victim)
        assert status(later) == b"101"
        for peer in [*waiting, later]:
            peer.close()

        def is_left(stats: dict[str, Any]) -> bool:
            victim.ask("release")  # the handlers of those who were accepted by now
            return bool(stats["connections"] == 1)

        victim.settle(is_left)
