"""From compressed data to messages, in bounds (RFC 7692 §7.2.2)."""

from __future__ import annotations

import os
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ws_deflate import ZLIB, Backend, Decompressor
from ws_deflate.deflater import TAIL
from ws_deflate.inflater import CHUNK, MAX_FINAL_BLOCKS, PIECE, Inflater
from ws_frames import PayloadTooBig, PolicyViolation, ProtocolError

# RFC 7692 §7.2.3: messages that hold "Hello".
HELLO = {
    "one block": "f248cdc9c90700",
    "no compression": "000500faff48656c6c6f00",
    "a final block": "f348cdc9c9070000",
    "two blocks": "f24805000000ffffcac9c90700",
    # And what follows from §7.2.1.
    "two final blocks": "f34805 00 cbc9c90700 00",
    "a final block in the middle": "f34805 00 cac9c90700",
    "an empty final block first": "0300 f248cdc9c90700",
    "an empty block behind": "f248cdc9c90700 0000ffff 00",
    "a final block and nothing else": "f348cdc9c90700",
}
VECTORS = [bytes.fromhex(data) for data in HELLO.values()]

# Data that isn't DEFLATE, and why.
INVALID = {
    "06": "a block type that is reserved",
    "0000000000": "a length whose complement is wrong",
    "fc0000": "too many codes",
    "0400feff": "codes that do not fit together",
    "0400244900": "a repetition of nothing",
    "040024e9ff6d": "no end of the block",
    "027effff": "a distance that is reserved",
    "f200110000": "a distance beyond the beginning",
    "0cc081000000000090ff6b04": "the same in a block with codes of its own",
}
# Data that ends inside a block.
CUT = ["f248cd", "f248cdc9", "000500faff4865", "000500faff", "0005", "f3", "02"]


def make(backend: Backend = ZLIB, *, bits: int = 15, takeover: bool = True) -> Inflater:
    return Inflater(lambda: backend.decompressobj(wbits=-bits), backend.error, takeover=takeover)


def deflate(data: bytes, level: int = 6) -> bytes:
    """Compress a message by itself."""
    stream = zlib.compressobj(level=level, wbits=-15)
    return (stream.compress(data) + stream.flush(zlib.Z_SYNC_FLUSH))[: -len(TAIL)]


# Messages (§7.2.3)


@pytest.mark.parametrize("data", VECTORS, ids=list(HELLO))
@pytest.mark.parametrize("takeover", [True, False])
def test_the_examples(backend: Backend, data: bytes, takeover: bool) -> None:
    inflater = make(backend, takeover=takeover)
    for _ in range(3):
        assert inflater.decompress(data, True, None) == b"Hello"
    # And whatever it was does no harm to what comes next.
    for other in VECTORS:
        assert inflater.decompress(other, True, None) == b"Hello"


@pytest.mark.parametrize("data", VECTORS, ids=list(HELLO))
def test_the_examples_in_fragments_of_every_size(backend: Backend, data: bytes) -> None:
    inflater = make(backend)
    for size in range(1, len(data) + 1):
        parts = [data[i : i + size] for i in range(0, len(data), size)]
        for end in ([], [b""]):
            fragments = [*parts, *end]
            last = len(fragments) - 1
            message = b"".join(
                inflater.decompress(fragment, n == last, None)
                for n, fragment in enumerate(fragments)
            )
            assert message == b"Hello"


def test_with_takeover_a_message_may_look_back(backend: Backend) -> None:
    inflater = make(backend)
    assert inflater.decompress(bytes.fromhex("f248cdc9c90700"), True, None) == b"Hello"
    assert inflater.decompress(bytes.fromhex("f200110000"), True, None) == b"Hello"


def test_without_takeover_it_may_not(backend: Backend) -> None:
    inflater = make(backend, takeover=False)
    inflater.decompress(bytes.fromhex("f248cdc9c90700"), True, None)
    with pytest.raises(ProtocolError, match=r"^invalid compressed data: "):
        inflater.decompress(bytes.fromhex("f200110000"), True, None)


def test_no_compressor_looks_back_beyond_a_final_block() -> None:
    inflater = make()
    inflater.decompress(bytes.fromhex("f348cdc9c9070000"), True, None)
    with pytest.raises(ProtocolError):
        inflater.decompress(bytes.fromhex("f200110000"), True, None)


@pytest.mark.parametrize("takeover", [True, False])
def test_an_empty_message_is_one_octet_or_none(backend: Backend, takeover: bool) -> None:
    inflater = make(backend, takeover=takeover)
    for data in [b"\x00", b"", b"\x02\x00", b"\x03\x00", b"\x03\x00\x00", b"\x00"]:
        assert inflater.decompress(data, True, 0) == b""
    assert inflater.decompress(VECTORS[0], True, None) == b"Hello"
    assert inflater.decompress(b"", False, None) == b""
    assert inflater.decompress(b"", True, None) == b""
    assert inflater.decompress(VECTORS[0], True, None) == b"Hello"


@pytest.mark.parametrize("size", [PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, 1_000_003])
@pytest.mark.parametrize("level", [0, 6])
@pytest.mark.parametrize("kind", ["zeros", "noise"])
def test_long_messages(backend: Backend, size: int, level: int, kind: str) -> None:
    data = bytes(size) if kind == "zeros" else os.urandom(size)
    inflater = make(backend)
    for _ in range(2):
        assert inflater.decompress(deflate(data, level), True, size) == data
    assert inflater.decompress(VECTORS[0], True, None) == b"Hello"


def test_long_messages_with_final_blocks(backend: Backend) -> None:
    inflater = make(backend)
    for size in [1000, CHUNK - 5, CHUNK, 2 * PIECE]:
        noise = os.urandom(size)
        stream = zlib.compressobj(level=0, wbits=-15)
        final = stream.compress(noise) + stream.flush()
        for end in [b"\x00", b""]:
            assert inflater.decompress(final * 4 + end, True, None) == noise * 4


# Bounds


@pytest.mark.parametrize("size", [0, 1, 100, PIECE - 1, PIECE, PIECE + 1, 200_000])
def test_a_message_may_have_as_many_bytes_as_the_limit(backend: Backend, size: int) -> None:
    for data in [os.urandom(size), bytes(size)]:
        inflater = make(backend)
        assert inflater.decompress(deflate(data), True, size) == data
        assert inflater.decompress(deflate(data), True, None) == data


@pytest.mark.parametrize("size", [1, 2, 100, PIECE, PIECE + 1, PIECE + 2, 200_000])
def test_one_byte_more_is_too_big(backend: Backend, size: int) -> None:
    for data in [os.urandom(size), bytes(size)]:
        inflater = make(backend)
        with pytest.raises(PayloadTooBig, match=rf"^payload of more than {size - 1} bytes after "):
            inflater.decompress(deflate(data), True, size - 1)


def test_a_fragment_after_the_limit_is_reached_may_only_be_empty(backend: Backend) -> None:
    for data in [b"x", bytes(1000), bytes(10 * PIECE)]:
        inflater = make(backend)
        assert inflater.decompress(deflate(b"Hello") + TAIL, False, 5) == b"Hello"
        assert inflater.decompress(b"", False, 0) == b""
        assert inflater.decompress(b"\x00" + TAIL, False, 0) == b""
        with pytest.raises(PayloadTooBig):
            inflater.decompress(deflate(data), True, 0)


@pytest.fixture
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


@pytest.mark.usefixtures("traced")
@pytest.mark.parametrize("limit", [0, 1000, 2**20])
def test_a_bomb_takes_no_more_memory_than_the_limit(limit: int) -> None:
    bomb = deflate(bytes(2**26), level=9)
    assert len(bomb) < 2**16
    inflater = make()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    with pytest.raises(PayloadTooBig):
        inflater.decompress(bomb, True, limit)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < 1.2 * limit + 6 * PIECE


@pytest.mark.usefixtures("traced")
def test_a_long_message_is_not_there_twice() -> None:
    size = 2**24
    data = deflate(bytes(size))
    inflater = make()
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    inflater.decompress(data, True, size)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < 1.3 * size


def test_the_work_is_in_proportion_to_the_data(measuring: Backend, fed: list[int]) -> None:
    # Much output for each byte, and much of both: each step leaves most of it over.
    data = deflate((os.urandom(300) + bytes(100_000)) * 300)
    made = make(measuring).decompress(data, True, None)
    assert sum(fed) < len(data) + CHUNK * (len(made) / PIECE + 1)


def test_a_message_may_have_many_final_blocks() -> None:
    inflater = make()
    for _ in range(2):
        assert inflater.decompress(b"\x03\x00" * MAX_FINAL_BLOCKS, True, 0) == b""
    with pytest.raises(PolicyViolation, match=r"^more than 1000 final blocks in a message$"):
        inflater.decompress(b"\x03\x00" * (MAX_FINAL_BLOCKS + 1), True, None)


def test_final_blocks_are_counted_across_fragments() -> None:
    inflater = make()
    half = b"\x03\x00" * (MAX_FINAL_BLOCKS // 2)
    assert inflater.decompress(half, False, None) == b""
    assert inflater.decompress(half, False, None) == b""
    with pytest.raises(PolicyViolation):
        inflater.decompress(half, True, None)


# Errors


@pytest.mark.parametrize("data", INVALID)
def test_data_that_is_not_deflate_is_refused(backend: Backend, data: str) -> None:
    with pytest.raises(ProtocolError, match=r"^invalid compressed data: ") as raised:
        make(backend).decompress(bytes.fromhex(data), True, None)
    # The error of zlib holds on to frames, and these to the data.
    assert raised.value.__context__ is None


@pytest.mark.parametrize("data", CUT)
@pytest.mark.parametrize("takeover", [True, False])
def test_data_that_ends_inside_a_block_is_refused(
    backend: Backend, data: str, takeover: bool
) -> None:
    with pytest.raises(ProtocolError):
        make(backend, takeover=takeover).decompress(bytes.fromhex(data), True, None)


def test_the_text_of_an_error_is_short() -> None:
    with pytest.raises(ProtocolError, match=r"^invalid compressed data: invalid block type$"):
        make().decompress(b"\x06", True, None)
    with pytest.raises(ProtocolError, match=r"^compressed message ends inside a block$"):
        make().decompress(b"\x00\x05\x00\xfa\xff\x48", True, None)


def test_a_message_that_is_cut_anywhere_is_not_taken_for_another() -> None:
    text = b"It is a truth universally acknowledged, that a single man in possession " * 3
    data = deflate(text)
    for size in range(1, len(data)):
        with pytest.raises(ProtocolError):
            make().decompress(data[:size], True, None)


# Anything


@settings(max_examples=300)
@given(data=st.binary(max_size=100), fin=st.booleans(), limit=st.none() | st.integers(0, 200))
def test_nothing_but_the_documented_errors_is_raised(
    backend: Backend, data: bytes, fin: bool, limit: int | None
) -> None:
    try:
        made = make(backend).decompress(data, fin, limit)
    except (ProtocolError, PayloadTooBig):
        return
    assert limit is None or len(made) <= limit


@given(
    messages=st.lists(st.binary(max_size=500), min_size=1, max_size=5),
    cuts=st.lists(st.integers(1, 400), max_size=10),
    level=st.integers(0, 9),
    takeover=st.booleans(),
    final=st.booleans(),
)
def test_fragments_may_be_cut_anywhere(
    backend: Backend,
    messages: list[bytes],
    cuts: list[int],
    level: int,
    takeover: bool,
    final: bool,
) -> None:
    inflater = make(backend, takeover=takeover)
    stream = zlib.compressobj(level=level, wbits=-15)
    for message in messages:
        if final or not takeover:
            stream = zlib.compressobj(level=level, wbits=-15)
        data = stream.compress(message)
        data += stream.flush(zlib.Z_FINISH if final else zlib.Z_SYNC_FLUSH)
        data = data + b"\x00" if final else data[: -len(TAIL)]
        ends = [*sorted({cut for cut in cuts if cut < len(data)}), len(data)]
        made = b"".join(
            inflater.decompress(data[start:end], end == len(data), 500)
            for start, end in zip([0, *ends], ends)
        )
        assert made == message


def test_the_interface_is_that_of_zlib() -> None:
    stream: Decompressor = zlib.decompressobj(wbits=-15)
    assert (stream.eof, stream.unused_data, stream.unconsumed_tail) == (False, b"", b"")
