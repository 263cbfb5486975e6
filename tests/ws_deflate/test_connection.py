"""What a peer can do to a connection with compressed messages."""

from __future__ import annotations

import gc
import os
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Callable

import pytest

from ws_deflate import PerMessageDeflate
from ws_deflate.deflater import TAIL
from ws_frames import CloseCode, Connection, Failure, Frame, Opcode, Role

MAX_SIZE = 2**20
ROLES = pytest.mark.parametrize("role", [Role.SERVER, Role.CLIENT])


def make(role: Role, max_size: int | None = MAX_SIZE) -> Connection:
    extension = PerMessageDeflate(False, False, 15, 15)
    return Connection(role, extensions=[extension], max_size=max_size)


def wire(role: Role, *frames: Frame) -> bytes:
    """Serialise frames for the other side; a mask of zeros changes nothing."""
    data = bytearray()
    for frame in frames:
        size = len(frame.data)
        length = bytes([size]) if size < 126 else b"\x7f" + size.to_bytes(8, "big")
        if 126 <= size < 2**16:
            length = b"\x7e" + size.to_bytes(2, "big")
        masked = role is Role.SERVER
        data += bytes([frame.head, length[0] | (0x80 if masked else 0)]) + length[1:]
        data += bytes(4 if masked else 0) + frame.data
    return bytes(data)


def first(data: bytes, *, fin: bool = True) -> Frame:
    return Frame(fin, Opcode.BINARY, data, True)


def more(data: bytes, *, fin: bool = True) -> Frame:
    return Frame(fin, Opcode.CONT, data)


class Peer:
    """Compresses messages whatever their size."""

    def __init__(self) -> None:
        self.stream = zlib.compressobj(9, wbits=-15)

    def compress(self, data: bytes) -> bytes:
        """Give a fragment; at the end of a message the tail has to be taken off."""
        return self.stream.compress(data) + self.stream.flush(zlib.Z_SYNC_FLUSH)

    def message(self, data: bytes) -> bytes:
        return self.compress(data)[: -len(TAIL)]


@pytest.fixture
def traced() -> Iterator[None]:
    gc.collect()
    tracemalloc.start()
    yield
    tracemalloc.stop()


BOMB = bytes(2**26)


def one_frame() -> list[Frame]:
    return [first(Peer().message(BOMB))]


def after_a_fragment_that_fills_the_limit() -> list[Frame]:
    peer = Peer()
    return [
        first(peer.compress(os.urandom(MAX_SIZE)), fin=False),
        more(peer.message(BOMB)),
    ]


def many_small_fragments() -> list[Frame]:
    peer = Peer()
    small = [peer.compress(BOMB[: 2**14]) for _ in range(2**12)]
    return [first(small[0], fin=False), *(more(part, fin=False) for part in small[1:])]


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize(
    "bomb", [one_frame, after_a_fragment_that_fills_the_limit, many_small_fragments]
)
@ROLES
def test_a_bomb_is_refused_before_it_takes_memory(
    role: Role, bomb: Callable[[], list[Frame]]
) -> None:
    data = wire(role, *bomb())
    connection = make(role)
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    connection.receive_data(data)
    event = connection.next_event()
    _, peak = tracemalloc.get_traced_memory()
    assert isinstance(event, Failure)
    assert event.error.close_code == CloseCode.MESSAGE_TOO_BIG
    # What was received itself is kept twice for a moment: the bytes and the frames.
    assert peak - before < 2 * MAX_SIZE + 2**20 + 2 * len(data)
    assert connection.next_event() is None


@pytest.mark.usefixtures("traced")
@ROLES
def test_messages_are_decompressed_when_they_are_taken(role: Role) -> None:
    peer = Peer()
    frames = [first(peer.message(bytes(MAX_SIZE))) for _ in range(100)]
    connection = make(role)
    tracemalloc.reset_peak()
    before, _ = tracemalloc.get_traced_memory()
    connection.receive_data(wire(role, *frames))
    for _ in range(2):
        assert connection.next_event() == bytes(MAX_SIZE)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < 5 * MAX_SIZE
    assert connection.pending


@ROLES
def test_a_message_of_exactly_the_limit_passes(role: Role) -> None:
    peer = Peer()
    noise = os.urandom(MAX_SIZE)
    for parts in ([noise], [noise, b""], [noise[:1000], noise[1000:]]):
        compressed = [peer.compress(part) for part in parts]
        compressed[-1] = compressed[-1][: -len(TAIL)] or b"\x00"
        last = len(parts) - 1
        frames = [
            more(part, fin=n == last) if n else first(part, fin=n == last)
            for n, part in enumerate(compressed)
        ]
        connection = make(role)
        connection.receive_data(wire(role, *frames))
        assert connection.next_event() == noise
        peer = Peer()


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([first(b"\x06")], CloseCode.PROTOCOL_ERROR),
        ([first(b"\x00\x05\x00\xfa\xff")], CloseCode.PROTOCOL_ERROR),
        ([first(b"\x00", fin=False), more(b"\x00")._replace(rsv1=True)], CloseCode.PROTOCOL_ERROR),
        ([Frame(True, Opcode.PING, b"", True)], CloseCode.PROTOCOL_ERROR),
        ([first(b"\x00")._replace(rsv2=True)], CloseCode.PROTOCOL_ERROR),
        ([first(b"\x00")._replace(rsv3=True)], CloseCode.PROTOCOL_ERROR),
        ([first(b"\x03\x00" * 1001)], CloseCode.POLICY_VIOLATION),
        ([first(b"\x00\x01\x00\xfe\xff\xff\x00")._replace(opcode=Opcode.TEXT)], 1007),
    ],
)
@ROLES
def test_what_is_wrong_fails_the_connection(role: Role, frames: list[Frame], code: int) -> None:
    connection = make(role)
    connection.receive_data(wire(role, *frames, first(b"\x00")))
    event = connection.next_event()
    assert isinstance(event, Failure)
    assert event.error.close_code == code
    assert connection.close_sent is not None
    assert connection.close_sent.code == code
    assert connection.next_event() is None
