"""From messages to compressed data (RFC 7692 §7.2.1)."""

from __future__ import annotations

import os
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_deflate import ZLIB, Backend, Compressor
from ws_deflate.deflater import TAIL, Deflater

HELLO = bytes.fromhex("f248cdc9c90700")  # §7.2.3.1
HELLO_AGAIN = bytes.fromhex("f200110000")  # §7.2.3.2
EMPTY = b"\x00"  # §7.2.3.6


class Counting:
    """Makes compression objects, and counts them."""

    def __init__(self, backend: Backend = ZLIB) -> None:
        self.made = 0
        self.backend = backend

    def __call__(self) -> Compressor:
        self.made += 1
        return self.backend.compressobj(wbits=-15)


def inflate(data: bytes) -> bytes:
    """Decompress a message by itself."""
    return zlib.decompressobj(wbits=-15).decompress(data + TAIL)


@pytest.mark.parametrize("takeover", [True, False])
def test_the_example_of_a_message(takeover: bool) -> None:
    assert Deflater(Counting(), takeover=takeover).compress(b"Hello", True) == HELLO


def test_with_takeover_a_message_looks_back_at_those_before_it() -> None:
    deflater = Deflater(Counting(), takeover=True)
    assert deflater.compress(b"Hello", True) == HELLO
    assert deflater.compress(b"Hello", True) == HELLO_AGAIN


def test_without_takeover_each_message_stands_alone() -> None:
    deflater = Deflater(Counting(), takeover=False)
    assert [deflater.compress(b"Hello", True) for _ in range(3)] == [HELLO] * 3


def test_nothing_is_made_before_the_first_message() -> None:
    make = Counting()
    deflater = Deflater(make, takeover=True)
    assert make.made == 0
    deflater.compress(b"Hello", True)
    deflater.compress(b"Hello", True)
    assert make.made == 1


def test_without_takeover_nothing_is_kept_between_messages() -> None:
    make = Counting()
    deflater = Deflater(make, takeover=False)
    deflater.compress(b"Hel", False)
    deflater.compress(b"lo", True)
    assert make.made == 1
    deflater.compress(b"Hello", True)
    assert make.made == 2


@pytest.mark.parametrize("takeover", [True, False])
def test_an_empty_message_is_one_octet(takeover: bool) -> None:
    deflater = Deflater(Counting(), takeover=takeover)
    for message in [b"", b"", b"Hello", b"", b""]:
        compressed = deflater.compress(message, True)
        assert message or compressed == EMPTY


def test_an_empty_message_is_not_without_data(backend: Backend) -> None:
    deflater = Deflater(Counting(backend), takeover=True)
    for message in [b"", b"", b"Hello", b"", b""]:
        compressed = deflater.compress(message, True)
        assert compressed
        assert inflate(compressed) == message


def test_an_empty_message_is_one_octet_though_a_flush_may_add_nothing() -> None:
    class Silent:
        def compress(self, data: bytes, /) -> bytes:
            return b""

        def flush(self, mode: int, /) -> bytes:
            return b""

    deflater = Deflater(Silent, takeover=True)
    assert deflater.compress(b"", False) == b""
    assert deflater.compress(b"", True) == EMPTY


def test_each_fragment_can_be_decompressed_on_arrival(backend: Backend) -> None:
    deflater = Deflater(Counting(backend), takeover=True)
    stream = zlib.decompressobj(wbits=-15)
    for data in [b"Hel", b"", b"lo", os.urandom(100_000), b""]:
        assert stream.decompress(deflater.compress(data, False)) == data
    assert stream.decompress(deflater.compress(b"", True) + TAIL) == b""
    assert stream.decompress(deflater.compress(b"Hello", True) + TAIL) == b"Hello"


def test_after_an_exception_it_begins_anew() -> None:
    make = Counting()
    deflater = Deflater(make, takeover=True)
    deflater.compress(b"Hello", True)
    with pytest.raises(TypeError):
        deflater.compress("Hello", True)  # type: ignore[arg-type]
    assert deflater.compress(b"Hello", True) == HELLO
    assert make.made == 2


def test_what_follows_does_not_look_back_at_what_is_forgotten() -> None:
    deflater = Deflater(Counting(), takeover=True)
    deflater.compress(b"Hello", True)
    deflater.forget()
    assert deflater.compress(b"Hello", True) == HELLO


@given(
    messages=st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=4), max_size=6),
    takeover=st.booleans(),
    level=st.integers(0, 9),
    strategy=st.integers(0, 4),
    bits=st.integers(9, 15),
)
def test_zlib_decompresses_what_it_makes(
    backend: Backend,
    messages: list[list[bytes]],
    takeover: bool,
    level: int,
    strategy: int,
    bits: int,
) -> None:
    deflater = Deflater(
        lambda: backend.compressobj(wbits=-bits, level=level, strategy=strategy, memLevel=4),
        takeover=takeover,
    )
    stream = zlib.decompressobj(wbits=-bits)
    for message in messages:
        if not takeover:
            stream = zlib.decompressobj(wbits=-bits)
        last = len(message) - 1
        data = b"".join(deflater.compress(part, n == last) for n, part in enumerate(message))
        assert stream.decompress(data + TAIL) == b"".join(message)
