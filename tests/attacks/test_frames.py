"""Attacks with frames: what any peer may send once the connection is open."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Callable, NamedTuple

import pytest

from attack.wire import BINARY, CONT, DEFLATE, PING, TEXT, Wire

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Measure, Start, Victim

pytestmark = pytest.mark.attacks

MIB = 2**20
MAX_SIZE = MIB
GROWTH = 2 * MAX_SIZE + MIB

#: A character beyond U+FFFF makes each of its text take four bytes, and of such texts one
#: may wait while the handler has another.
WIDE_GROWTH = 2 * 4 * MAX_SIZE + 3 * MIB

#: An echo holds its answer too, and in pure Python the masking of it: that is the handler's.
ECHO_GROWTH = GROWTH + 2 * MAX_SIZE

#: So many frames come in several reads, as many as an event loop makes in one turn.
FLOOD = 200_000

#: What comes after the attack where the connection goes on.
END = b"the end"


class Attack(NamedTuple):
    """What the peer sends to which handler, and the code that it is failed with."""

    name: str
    path: str
    chunks: Callable[[Wire], Iterable[bytes]]
    #: None: the connection goes on.
    code: int | None = None
    deflate: bool = False
    growth: int = GROWTH


@cache
def deflated(size: int, last: bool = True) -> bytes:
    """Give so many zeros, compressed as well as it can be."""
    compress = zlib.compressobj(9, zlib.DEFLATED, -15)
    whole, rest = divmod(size, MIB)
    block = compress.compress(bytes(MIB)) + compress.flush(zlib.Z_FULL_FLUSH) if whole else b""
    # Blocks that refer to nothing before them can be repeated.
    data = block * whole + compress.compress(bytes(rest)) + compress.flush(zlib.Z_SYNC_FLUSH)
    return data[:-4] if last else data


def bomb(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, deflated(900 * MIB), rsv1=True)


def bomb_behind_a_full_fragment(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, deflated(MAX_SIZE, last=False), fin=False, rsv1=True)
    yield wire.frame(CONT, deflated(900 * MIB))


def bomb_in_fragments(wire: Wire) -> Iterable[bytes]:
    yield wire.fragments(deflated(900 * MIB), 64, rsv1=True)


def many_almost_too_big(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, deflated(MAX_SIZE - 1), rsv1=True) * 250


def final_blocks(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, b"\x03\x00" * 200_000, rsv1=True)


def empty_fragments(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, fin=False) + wire.frame(CONT, fin=False) * FLOOD


def tiny_fragments(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, b"x", fin=False) + wire.frame(CONT, b"x", fin=False) * FLOOD
    yield wire.frame(CONT, b"x")


def small_fragments_without_end(wire: Wire) -> Iterable[bytes]:
    fragment = b"x" * 16
    yield wire.frame(TEXT, fin=False) + wire.frame(CONT, fragment, fin=False) * (MAX_SIZE // 8)


def pings(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(PING, b"x" * 125) * (FLOOD // 8)


def more_pings(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(PING, b"x" * 125) * (FLOOD // 2)


def empty_pings(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(PING) * FLOOD


def empty_messages(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(TEXT) * FLOOD


def small_messages(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(TEXT, b"x" * 125) * (FLOOD // 2)


def wide_text(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(TEXT, b"x" * (MAX_SIZE - 4) + "\U0001f600".encode()) * 8


def big_messages(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, bytes(MAX_SIZE)) * 8


def more_big_messages(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, bytes(MAX_SIZE)) * 32


def ping_inside_a_full_message(wire: Wire) -> Iterable[bytes]:
    yield wire.frame(BINARY, bytes(MAX_SIZE), fin=False)
    yield wire.frame(PING, b"inside")
    yield wire.frame(CONT)


ATTACKS = [
    Attack("zip bomb in one frame", "/read", bomb, 1009, deflate=True),
    Attack("zip bomb behind a full fragment", "/read", bomb_behind_a_full_fragment, 1009, True),
    Attack("zip bomb in small fragments", "/read", bomb_in_fragments, 1009, True),
    Attack("messages that inflate to almost too much", "/read", many_almost_too_big, None, True),
    Attack("final blocks", "/read", final_blocks, 1008, True),
    Attack("empty fragments", "/read", empty_fragments, 1008),
    Attack("fragments of one byte", "/read", tiny_fragments),
    Attack("small fragments without end", "/read", small_fragments_without_end, 1009),
    Attack("pings", "/read", pings),
    Attack("empty pings", "/read", empty_pings),
    Attack("empty messages", "/read", empty_messages),
    Attack("empty messages to an echo", "/echo", empty_messages),
    Attack("text with one wide character", "/read", wide_text, growth=WIDE_GROWTH),
    Attack("messages of max_size", "/read", big_messages),
    Attack("messages of max_size to an echo", "/echo", big_messages, growth=ECHO_GROWTH),
    Attack("a ping inside a message of max_size", "/read", ping_inside_a_full_message),
]

by_name = pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
both_roles = pytest.mark.parametrize("role", ["server", "client"])


@both_roles
@by_name
def test_a_peer_that_reads(attack: Attack, role: str, victim: Victim, measure: Measure) -> None:
    headers = DEFLATE if attack.deflate else ""
    peer = victim.meet(role, attack.path, headers)  # whatever is imported only then
    chunks = list(attack.chunks(peer.wire))
    peer.close()
    with measure(victim, attack.name, role, growth=attack.growth):
        peer = victim.meet(role, attack.path, headers)
        if attack.code is None:
            chunks.append(peer.wire.frame(PING, END))
            assert peer.exchange(chunks, lambda peer: peer.answered(END))
            assert peer.code is None
        else:
            assert peer.exchange(chunks, lambda peer: peer.code is not None)
            assert peer.code == attack.code
        peer.close()


# What the answers to these come to is more than the kernel holds, and what may be kept.
FLOODS = [
    Attack("pings", "/read", more_pings),
    Attack("empty messages to an echo", "/echo", empty_messages),
    Attack("small messages to an echo", "/echo", small_messages),
    Attack("messages of max_size to an echo", "/echo", more_big_messages, growth=ECHO_GROWTH),
    Attack("messages of max_size to a handler that waits", "/hold", more_big_messages),
    Attack(
        "messages that inflate to a handler that waits", "/hold", many_almost_too_big, None, True
    ),
]


@both_roles
@pytest.mark.parametrize("attack", FLOODS, ids=lambda attack: attack.name)
def test_a_peer_that_never_reads(
    attack: Attack, role: str, victim: Victim, measure: Measure
) -> None:
    headers = DEFLATE if attack.deflate else ""
    victim.meet(role, "/read", headers).close()
    with measure(victim, f"{attack.name}, never reading", role, growth=attack.growth):
        peer = victim.meet(role, attack.path, headers)
        victim.settle(lambda stats: stats["connections"] == 2)
        assert peer.exchange(attack.chunks(peer.wire), reads=False)
        peer.close()
        victim.ask("release")


def test_a_ping_inside_a_message_of_max_size_is_answered_before_it(victim: Victim) -> None:
    peer = victim.meet("server", "/echo")
    peer.exchange(ping_inside_a_full_message(peer.wire), lambda peer: len(peer.frames) == 2)
    pong, echo = peer.frames
    assert pong.payload == b"inside"
    assert len(echo.payload) == MAX_SIZE
    peer.close()


@pytest.mark.parametrize("role", ["server", "client"])
@pytest.mark.parametrize(
    ("length", "code"),
    [
        (2**31, 1009),
        (2**32, 1009),
        (2**63 - 1, 1009),
        (2**63, 1002),
        (2**63 + 1, 1002),
        (2**64 - 1, 1002),
    ],
)
def test_a_length_is_judged_from_the_header(
    length: int, code: int, role: str, victim: Victim, measure: Measure
) -> None:
    with measure(victim, f"a length of {length:#x}", role, growth=MIB):
        for opening in (b"", victim_fragment(role)):
            peer = victim.meet(role, "/read")
            header = peer.wire.frame(CONT if opening else BINARY, length=length)
            assert peer.exchange([opening + header], lambda peer: peer.code is not None)
            assert peer.code == code
            peer.close()


def victim_fragment(role: str) -> bytes:
    return Wire(masked=role == "server").frame(BINARY, b"x" * 10, fin=False)


def test_small_fragments_of_a_message_that_is_allowed_pass(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    size = 4 * MIB
    victim = victims(kind, max_size=2 * size)
    victim.meet("server", "/echo").close()
    with measure(victim, "4 MiB in fragments of 64 bytes", growth=2 * 2 * size + MIB):
        peer = victim.meet("server", "/echo")
        message = peer.wire.fragments(bytes(size), 64)
        assert peer.exchange([message], lambda peer: bool(peer.frames))
        assert len(peer.frames[0].payload) == size
        peer.close()


def test_reads_of_one_byte_take_time_in_proportion(kind: Kind, victims: Start) -> None:
    victim = victims(kind, "--trickle")
    used = []
    for size in (100_000, 400_000):
        peer = victim.meet("server", "/read")
        message = peer.wire.frame(BINARY, bytes(size)) + peer.wire.frame(PING, END)
        before = victim.ask("stats")["cpu"]
        assert peer.exchange([message], lambda peer: peer.answered(END), patience=60)
        after = victim.ask("stats")
        assert (after["messages"], after["size"]) == (1, size)
        used.append(after["cpu"] - before)
        peer.close()
    # Four times as much; sixteen times, if each byte were looked at again.
    assert used[1] < 8 * used[0], used
