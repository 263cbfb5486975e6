"""What a parser takes of time and of memory, by both twins."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest

from tests.ws_frames.wires import (
    Parsed,
    byte_by_byte,
    ping,
    pong,
    run,
    wire,
)
from ws_frames import (
    InvalidUTF8,
    PolicyViolation,
)

# ---------------------------------------------------------------------------
# Floods


def test_a_thousand_empty_fragments_in_a_row_pass(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert run(parser, b"\x01\x00" + b"\x00\x00" * 999 + b"\x80\x01a") == ["a"]
    assert run(parser, b"\x01\x01a" + b"\x00\x00" * 1000 + b"\x80\x00") == ["a"]


def test_one_more_empty_fragment_fails_at_its_header(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"\x01\x00" + b"\x00\x00" * 999 + b"\x00") == []
    assert not parser.error
    assert parser.feed(b"\x00") == []
    assert type(parser.error) is PolicyViolation
    assert str(parser.error) == "more than 1000 empty fragments in a row"


def test_empty_fragments_count_anew_after_one_that_is_not_empty(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    data = b"\x01\x00" + b"\x00\x00" * 999 + b"\x00\x01a" + b"\x00\x00" * 1000 + b"\x80\x00"
    assert run(parser, data * 2) == ["a", "a"]


def test_control_frames_do_not_interrupt_the_count_of_empty_fragments(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    parser.feed(b"\x01\x00" + b"\x89\x00\x00\x00" * 1000)
    assert type(parser.error) is PolicyViolation


def test_empty_messages_are_no_empty_fragments(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert len(run(parser, b"\x81\x00" * 3000)) == 3000
    assert not parser.error


def test_many_small_fragments_pass(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=100_000)
    assert run(parser, b"\x02\x00" + b"\x00\x01x" * 100_000 + b"\x80\x00") == [b"x" * 100_000]


def test_a_call_returns_a_bounded_number_of_events(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    data = b"\x89\x00" * 2500 + b"\x8a"
    lengths = [len(parser.feed(data))]
    while parser.waiting:
        lengths.append(len(parser.feed(b"")))
    assert lengths == [1024, 1024, 452]
    assert parser.feed(b"\x00") == [pong()]


def test_a_call_begins_a_bounded_number_of_frames(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"\x02\x00" + b"\x00\x01x" * 5000 + b"\x80\x01y") == []
    assert parser.waiting
    assert parser.feed(b"") == []
    assert parser.waiting
    assert parser.feed(b"") == [b"x" * 5000 + b"y"]
    assert not parser.waiting


def test_a_call_does_not_begin_one_frame_more_than_it_may(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"\x02\x00" + b"\x00\x01x" * 2047 + b"\x80\x01y") == []
    assert parser.waiting
    assert parser.feed(b"") == [b"x" * 2047 + b"y"]


def test_a_call_that_ends_with_the_last_frame_it_may_begin_leaves_nothing(
    twin: ModuleType,
) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"\x02\x00" + b"\x00\x01x" * 2046 + b"\x80\x02y") == []
    assert not parser.waiting
    assert parser.feed(b"z") == [b"x" * 2046 + b"yz"]


def test_no_more_wait_than_there_is(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert len(parser.feed(b"\x89\x00" * 1024)) == 1024
    assert not parser.waiting
    assert len(parser.feed(b"\x89\x00" * 1024 + b"\x89")) == 1024
    assert parser.waiting
    assert parser.feed(b"") == []
    assert not parser.waiting
    assert parser.feed(b"\x01p") == [ping(b"p")]


def test_bytes_that_come_while_others_wait_are_parsed_after_them(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    events = []
    for i in range(5):
        events += parser.feed(b"\x89\x01" + bytes([i]) + b"\x8a\x00" * 1500)
    while parser.waiting:
        events += parser.feed(b"")
    assert events == [event for i in range(5) for event in [ping(bytes([i]))] + [pong()] * 1500]


def test_a_fault_behind_what_waits_is_found_in_its_turn(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert len(parser.feed(b"\x89\x00" * 1500 + b"\xff")) == 1024
    assert not parser.error
    assert len(parser.feed(b"")) == 476
    assert str(parser.error) == "reserved opcode 0xf"
    assert not parser.waiting


# ---------------------------------------------------------------------------
# Memory


KIB = 1024
MIB = 1024 * KIB


def memory_for(action: Callable[[], object]) -> int:
    """The most memory that an action has at once, in bytes."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("from_client", [False, True])
@pytest.mark.parametrize("head", [0x81, 0x82])
def test_a_frame_in_reads_of_one_byte_takes_twice_its_size_at_most(
    twin: ModuleType, head: int, from_client: bool
) -> None:
    size = 100_000
    pieces = list(byte_by_byte(wire(head, b"x" * size, mask=from_client)))
    parser = twin.Parser(masked=from_client, max_size=size)
    events: list[Parsed] = []

    def parse() -> None:
        for piece in pieces:
            events.extend(parser.feed(piece))

    assert memory_for(parse) < 2.2 * size + 32 * KIB
    assert [len(event) for event in events] == [size]


def in_small_fragments(parser: Any, head: int, size: int) -> int:
    """The most memory that a message has which comes in fragments of 64 bytes."""
    first, rest, last = wire(head, b"x" * 64), wire(0, b"x" * 64) * 1024, wire(0x80, b"x" * 64)
    events: list[Parsed] = []

    def parse() -> None:
        parser.feed(first + rest[: 1022 * 66])
        for _ in range(size // 64 // 1024 - 1):
            parser.feed(rest)
        events.extend(parser.feed(last))

    most = memory_for(parse)
    assert [len(event) for event in events] == [size]
    return most


@pytest.mark.parametrize("head", [0x01, 0x02])
def test_a_message_in_small_fragments_takes_twice_its_size_at_most(
    twin: ModuleType, head: int
) -> None:
    size = 4 * MIB
    parser = twin.Parser(masked=False, max_size=size)
    assert in_small_fragments(parser, head, size) < 2.2 * size + 512 * KIB


def test_bytes_in_small_fragments_are_never_there_twice(twin: ModuleType) -> None:
    size = 4 * MIB
    parser = twin.Parser(masked=False, max_size=size)
    assert in_small_fragments(parser, 0x02, size) < 1.2 * size + 512 * KIB


@pytest.mark.parametrize("head", [0x82, 0xC2])
def test_a_large_frame_is_never_there_twice(twin: ModuleType, head: int) -> None:
    data = wire(head, b"x" * MIB, mask=True)
    pieces = [data[start : start + 32 * KIB] for start in range(0, len(data), 32 * KIB)]
    parser = twin.Parser(masked=True, max_size=MIB, rsv=0x40)
    events: list[Parsed] = []

    def parse() -> None:
        for piece in pieces:
            events.extend(parser.feed(piece))

    # While it grows, an eighth of it may be more than there is.
    assert memory_for(parse) < 1.2 * MIB + 256 * KIB
    assert len(events) == 1


def test_a_large_read_is_unmasked_in_pieces(twin: ModuleType) -> None:
    data = wire(0x82, b"x" * MIB, mask=True)
    large, rest = data[: 256 * KIB], data[256 * KIB :]
    parser = twin.Parser(masked=True, max_size=MIB)
    # Pure Python takes some 2.5 times what it unmasks at once, besides what it keeps.
    assert memory_for(lambda: parser.feed(large)) < 512 * KIB
    assert parser.feed(rest) == [b"x" * MIB]


@pytest.mark.parametrize("shift", [31, 32, 40, 62])
def test_a_length_that_is_only_declared_takes_no_memory(twin: ModuleType, shift: int) -> None:
    parser = twin.Parser(masked=False)
    header = b"\x82\x7f" + (1 << shift).to_bytes(8, "big")
    chunk = b"x" * 10_000

    def parse() -> None:
        parser.feed(header)
        for _ in range(10):
            parser.feed(chunk)

    assert memory_for(parse) < 3 * 10 * len(chunk)
    assert not parser.error


def test_a_flood_of_tiny_frames_stays_bytes(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    data = b"\x89\x00" * 500_000
    assert memory_for(lambda: parser.feed(data)) < 2 * len(data)
    assert parser.waiting


def test_after_a_fault_nothing_is_kept(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    tracemalloc.start()
    try:
        parser.feed(wire(0x02, b"x" * MIB))
        parser.feed(b"\x89\x00" * 2000 + b"\xff")
        while parser.waiting:
            parser.feed(b"")
        assert parser.error
        assert tracemalloc.get_traced_memory()[0] < 64 * KIB
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"\x81\x01a\x01\x01a\x80", id="in a message"),
        pytest.param(b"\x89\x00" * 3000, id="while bytes wait"),
        pytest.param(b"\x88\x02\x03\xe8", id="closed"),
        pytest.param(b"\xff", id="after a fault"),
        pytest.param(b"\x81\x01\xff", id="after a bad text"),
        pytest.param(b"\x01\x01\xc3\x80\x00", id="after a bad fragment"),
        pytest.param(b"\x88\x03\x03\xe8\xff", id="after a bad close frame"),
        pytest.param(b"\x82\x05", id="after a header that is over the limit"),
    ],
)
def test_a_parser_leaves_no_cyclic_garbage(twin: ModuleType, data: bytes) -> None:
    gc.collect()
    gc.disable()
    try:
        parser = twin.Parser(masked=False, max_size=4)
        parser.feed(data)
        del parser
        assert gc.collect() == 0
    finally:
        gc.enable()


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="no garbage is collected inside of C")
def test_the_c_refuses_to_be_fed_while_it_is_fed(twin: ModuleType) -> None:
    if twin.__name__ != "ws_frames._speedups":
        pytest.skip("the pure twin doesn't look whether it is alone")
    parser = twin.Parser(masked=False)
    refusals = []

    def feed_too(*_: object) -> None:
        try:
            parser.feed(b"")
        except RuntimeError as exc:
            refusals.append(str(exc))

    thresholds = gc.get_threshold()
    gc.callbacks.append(feed_too)
    gc.set_threshold(1)
    try:
        events = parser.feed(b"\x89\x00" * 10)
    finally:
        gc.set_threshold(*thresholds)
        gc.callbacks.remove(feed_too)
    assert events == [ping()] * 10
    assert set(refusals) == {"feed() is running already"}


def test_an_error_keeps_no_payload(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    parser.feed(wire(0x81, b"secret\xff"))
    assert type(parser.error) is InvalidUTF8
    assert (parser.error.__cause__, parser.error.__context__) == (None, None)
    assert parser.error.__traceback__ is None
