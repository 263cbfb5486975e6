"""Extension bits, RFC 6455 §5.2 and §9.1, and frame by frame, by both twins."""

from __future__ import annotations

from types import ModuleType

import pytest

from tests.ws_frames.wires import (
    byte_by_byte,
    ping,
    run,
    wire,
)
from ws_frames import (
    RSV1,
    RSV2,
    RSV_MASK,
    Frame,
    Opcode,
    PolicyViolation,
)

# ---------------------------------------------------------------------------
# Extension bits (§5.2, §9.1)


def marked(fin: bool, opcode: Opcode, data: bytes, rsv: int = 0) -> Frame:
    return Frame(fin, opcode, data, bool(rsv & RSV1), bool(rsv & RSV2), bool(rsv & 0x10))


def test_a_message_with_an_extension_bit_comes_as_frames(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert parser.feed(b"\xc1\x02\xff\xfe") == [marked(True, Opcode.TEXT, b"\xff\xfe", RSV1)]
    assert parser.feed(b"\x42\x01a\x00\x00\x89\x00\x80\x01b") == [
        marked(False, Opcode.BINARY, b"a", RSV1),
        marked(False, Opcode.CONT, b""),
        ping(),
        marked(True, Opcode.CONT, b"b"),
    ]
    assert parser.feed(b"\x81\x01a") == ["a"]


def test_all_reserved_bits_can_be_in_use(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV_MASK)
    for rsv in range(0x10, 0x80, 0x10):
        assert parser.feed(bytes([0x82 | rsv, 0])) == [marked(True, Opcode.BINARY, b"", rsv)]


def test_a_marked_frame_may_come_in_pieces(twin: ModuleType) -> None:
    parser = twin.Parser(masked=True, rsv=RSV2)
    data = wire(0xA1, b"\xffHello", mask=True)
    assert run(parser, *byte_by_byte(data)) == [marked(True, Opcode.TEXT, b"\xffHello", RSV2)]


def test_a_bit_that_is_not_in_use_is_refused_beside_one_that_is(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert parser.feed(b"\xe1") == []
    assert str(parser.error) == "reserved bits 010 in a TEXT frame"


def test_no_extension_bit_is_for_control_frames(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV_MASK, all_frames=True)
    assert parser.feed(b"\xc9") == []
    assert str(parser.error) == "reserved bits 100 in a PING frame"


def test_a_bit_in_a_continuation_is_for_the_extension_that_sees_the_message(
    twin: ModuleType,
) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert parser.feed(b"\x41\x00\xc0\x00") == [
        marked(False, Opcode.TEXT, b"", RSV1),
        marked(True, Opcode.CONT, b"", RSV1),
    ]


def test_a_bit_in_a_continuation_of_a_message_that_no_extension_sees_is_refused(
    twin: ModuleType,
) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    parser.feed(b"\x41\x00\x80\x00\x01\x01a")
    assert not parser.error
    assert parser.feed(b"\xc0") == []
    assert str(parser.error) == "reserved bits 100 in a CONT frame"


def test_a_bit_in_a_continuation_of_nothing_is_refused(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert parser.feed(b"\xc1\x00\xc0") == [marked(True, Opcode.TEXT, b"", RSV1)]
    assert str(parser.error) == "continuation frame without a message to continue"


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"\xc0", "continuation frame without a message to continue"),
        (b"\x01\x00\xc2", "BINARY frame inside a fragmented message"),
    ],
)
def test_a_bit_is_allowed_in_a_frame_that_is_wrong_otherwise(
    twin: ModuleType, data: bytes, error: str
) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert parser.feed(data) == []
    assert str(parser.error) == error


@pytest.mark.parametrize(
    ("max_size", "limit"),
    [(0, 1024), (1024, 1024 + 128 + 16 + 1024), (2**20, 2**20 + 2**17 + 2**14 + 1024)],
)
def test_a_marked_frame_may_be_somewhat_longer_than_the_message(
    twin: ModuleType, max_size: int, limit: int
) -> None:
    parser = twin.Parser(masked=False, max_size=max_size, rsv=RSV1)
    fragment = wire(0x41, bytes(limit))
    assert len(parser.feed(fragment)) == 1
    # The rest is the extension's to judge: the fragments together may be longer.
    assert len(parser.feed(wire(0x80, bytes(limit)))) == 1
    assert parser.feed(wire(0xC1, bytes(limit + 1))[: -limit - 1]) == []
    assert str(parser.error) == f"message of {limit + 1} bytes or more, at most {limit} allowed"


def test_marked_empty_fragments_count_too(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, rsv=RSV1)
    assert len(run(parser, b"\x41\x00" + b"\x00\x00" * 1000)) == 1000
    assert type(parser.error) is PolicyViolation


# ---------------------------------------------------------------------------
# Frame by frame


def test_every_frame_can_be_had_as_it_comes(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, all_frames=True)
    assert parser.feed(b"\x81\x01a\x02\x01\xff\x89\x00\x00\x00\x80\x01b\x81\x01\xff") == [
        Frame(True, Opcode.TEXT, b"a"),
        Frame(False, Opcode.BINARY, b"\xff"),
        ping(),
        Frame(False, Opcode.CONT, b""),
        Frame(True, Opcode.CONT, b"b"),
        Frame(True, Opcode.TEXT, b"\xff"),
    ]


def test_frame_by_frame_a_continuation_may_have_an_extension_bit(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, all_frames=True, rsv=RSV1)
    assert parser.feed(b"\x01\x00\xc0\x00") == [
        Frame(False, Opcode.TEXT, b""),
        marked(True, Opcode.CONT, b"", RSV1),
    ]


def test_frame_by_frame_the_rules_hold(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, all_frames=True)
    assert parser.feed(b"\x01\x00\x81") == [Frame(False, Opcode.TEXT, b"")]
    assert str(parser.error) == "TEXT frame inside a fragmented message"
