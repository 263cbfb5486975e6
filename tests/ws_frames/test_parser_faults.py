"""What a peer must not send, RFC 6455 §5 and §8.1, found by both twins."""

from __future__ import annotations

import tracemalloc
from types import ModuleType

import pytest

from tests.ws_frames.wires import (
    byte_by_byte,
    close,
    ping,
    run,
    wire,
)
from ws_frames import (
    InvalidUTF8,
    ProtocolError,
)

# ---------------------------------------------------------------------------
# What a peer must not send, judged at the byte that breaks the rule: bytes before it,
# the byte, from a client, the error

FAULTS: list[tuple[str, str, str, bool, str]] = [
    *(
        (f"opcode {opcode:#x}", "", f"8{opcode:x}", False, f"reserved opcode {opcode:#x}")
        for opcode in (3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF)
    ),
    ("opcode 3 with other bits", "", "73", False, "reserved opcode 0x3"),
    ("RSV1", "", "c1", False, "reserved bits 100 in a TEXT frame"),
    ("RSV2", "", "a2", False, "reserved bits 010 in a BINARY frame"),
    ("RSV3", "", "11", False, "reserved bits 001 in a TEXT frame"),
    ("all reserved bits", "", "f1", True, "reserved bits 111 in a TEXT frame"),
    ("RSV1 in a control frame", "", "c9", False, "reserved bits 100 in a PING frame"),
    ("RSV2 in a continuation", "01 00", "a0", False, "reserved bits 010 in a CONT frame"),
    ("fragmented close", "", "08", False, "fragmented CLOSE frame"),
    ("fragmented ping", "", "09", False, "fragmented PING frame"),
    ("fragmented pong", "01 00", "0a", False, "fragmented PONG frame"),
    (
        "continuation of nothing",
        "",
        "80",
        False,
        "continuation frame without a message to continue",
    ),
    (
        "continuation after a message",
        "81 01 61",
        "00",
        False,
        "continuation frame without a message to continue",
    ),
    (
        "continuation after a fragmented message",
        "01 00 80 00",
        "80",
        False,
        "continuation frame without a message to continue",
    ),
    ("text inside a message", "02 00", "81", False, "TEXT frame inside a fragmented message"),
    (
        "binary inside a message",
        "01 01 61",
        "02",
        False,
        "BINARY frame inside a fragmented message",
    ),
    ("no mask from a client", "81", "05", True, "unmasked frame from the client"),
    ("no mask and a long length", "82", "7f", True, "unmasked frame from the client"),
    ("a mask from a server", "81", "85", False, "masked frame from the server"),
    ("a masked ping of 126 bytes", "89", "fe", True, "PING frame of more than 125 bytes"),
    ("a ping of 126 bytes", "89", "7e", False, "PING frame of more than 125 bytes"),
    ("a pong of 2**16 bytes", "8a", "7f", False, "PONG frame of more than 125 bytes"),
    ("a close of 126 bytes", "88", "7e", False, "CLOSE frame of more than 125 bytes"),
    ("a close of one byte", "88", "01", False, "close frame with a body of 1 byte"),
    ("close code 0", "88 02 00", "00", False, "close code 0 must not be sent"),
    ("close code 999", "88 02 03", "e7", False, "close code 999 must not be sent"),
    ("close code 1004", "88 02 03", "ec", False, "close code 1004 must not be sent"),
    ("close code 1005", "88 02 03", "ed", False, "close code 1005 must not be sent"),
    ("close code 1006", "88 02 03", "ee", False, "close code 1006 must not be sent"),
    ("close code 1015", "88 02 03", "f7", False, "close code 1015 must not be sent"),
    ("close code 1016", "88 02 03", "f8", False, "close code 1016 must not be sent"),
    ("close code 2999", "88 02 0b", "b7", False, "close code 2999 must not be sent"),
    ("close code 5000", "88 02 13", "88", False, "close code 5000 must not be sent"),
    ("close code 65535", "88 02 ff", "ff", False, "close code 65535 must not be sent"),
    (
        "a close reason that is not UTF-8",
        "88 05 03 e8 61 62",
        "ff",
        False,
        "invalid UTF-8 in the reason of a close frame at byte 2",
    ),
    ("a length of 125 in two bytes", "82 7e 00", "7d", False, "length of 125 encoded in 2 bytes"),
    (
        "a length of 65535 in eight bytes",
        "82 7f 00 00 00 00 00 00 ff",
        "ff",
        False,
        "length of 65535 encoded in 8 bytes",
    ),
    (
        "a length of 2**63",
        "82 7f 80 00 00 00 00 00 00",
        "00",
        False,
        "length of 2**63 bytes or more",
    ),
]

faults = pytest.mark.parametrize(
    ("before", "byte", "from_client", "text"),
    [
        pytest.param(bytes.fromhex(row[1]), bytes.fromhex(row[2]), row[3], row[4], id=row[0])
        for row in FAULTS
    ],
)


@faults
def test_a_rule_is_judged_at_the_byte_that_breaks_it(
    twin: ModuleType, before: bytes, byte: bytes, from_client: bool, text: str
) -> None:
    parser = twin.Parser(masked=from_client)
    run(parser, *byte_by_byte(before))
    assert not parser.error
    assert parser.feed(byte) == []
    assert str(parser.error) == text
    assert type(parser.error) is (InvalidUTF8 if "UTF-8" in text else ProtocolError)


@faults
def test_what_came_before_a_fault_is_delivered(
    twin: ModuleType, before: bytes, byte: bytes, from_client: bool, text: str
) -> None:
    good = wire(0x81, b"good", mask=from_client) + wire(0x89, b"p", mask=from_client)
    parser = twin.Parser(masked=from_client)
    events = parser.feed(good + before + byte + b"\x81\x00" * 10)
    assert events[:2] == ["good", ping(b"p")]
    assert str(parser.error) == text
    assert not parser.closed


@faults
def test_nothing_is_parsed_after_a_fault(
    twin: ModuleType, before: bytes, byte: bytes, from_client: bool, text: str
) -> None:
    parser = twin.Parser(masked=from_client)
    parser.feed(before + byte)
    error = parser.error
    assert parser.feed(wire(0x81, b"late", mask=from_client)) == []
    assert parser.feed(b"") == []
    assert parser.error is error
    assert not parser.waiting


@pytest.mark.parametrize("end", [b"\x88\x00", b"\x83"], ids=["a close frame", "an error"])
def test_what_comes_behind_the_end_is_not_kept(twin: ModuleType, end: bytes) -> None:
    parser = twin.Parser(masked=False)
    data = bytearray(end + bytes(2**20))
    tracemalloc.start()
    try:
        parser.feed(data)
        kept, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (parser.closed, parser.error is None) == (end == b"\x88\x00",) * 2
    assert kept < 2**16


def test_nothing_is_parsed_after_a_close_frame(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"\x81\x01a\x88\x02\x03\xe8\x81\x01b\xff\xff") == ["a", close(b"\x03\xe8")]
    assert parser.closed
    assert parser.feed(b"\x81\x01c") == []
    assert (parser.error, parser.waiting) == (None, False)


# ---------------------------------------------------------------------------
# Text (§5.6, §8.1)

# What is not UTF-8: the bytes up to the one that proves it, and where the bad sequence starts.
BAD_TEXTS = [
    ("80", 0),
    ("61 bf", 1),
    ("c0", 0),
    ("c1", 0),
    ("f5", 0),
    ("ff", 0),
    ("61 62 fe", 2),
    ("c3 28", 0),
    ("c3 c3", 0),
    ("e0 80", 0),  # overlong
    ("e0 9f", 0),
    ("ed a0", 0),  # a surrogate
    ("ed bf", 0),
    ("e2 82 28", 0),
    ("e2 28", 0),
    ("f0 80", 0),  # overlong
    ("f0 8f", 0),
    ("f4 90", 0),  # over U+10FFFF
    ("f0 9f 28", 0),
    ("f0 9f 98 28", 0),
    ("f0 28", 0),
    ("ce ba e1 bd b9 cf 83 ce bc ce b5 f4 90", 11),  # as in Autobahn's 6.4
    ("61 " * 100 + "ff", 100),
    ("c3 a9 " * 50 + "e2 82 c3", 100),
]

bad_texts = pytest.mark.parametrize(
    ("data", "position"), [(bytes.fromhex(text), position) for text, position in BAD_TEXTS]
)


@bad_texts
@pytest.mark.parametrize("from_client", [False, True])
def test_a_text_that_is_not_utf8_fails(
    twin: ModuleType, data: bytes, position: int, from_client: bool
) -> None:
    parser = twin.Parser(masked=from_client)
    good = wire(0x81, b"good", mask=from_client)
    assert parser.feed(good + wire(0x81, data + b"more" * 20, mask=from_client)) == ["good"]
    assert type(parser.error) is InvalidUTF8
    assert str(parser.error) == f"invalid UTF-8 in a text message at byte {position}"
    assert parser.error.__cause__ is None


@bad_texts
@pytest.mark.parametrize("from_client", [False, True])
def test_a_text_fails_at_the_bad_byte(
    twin: ModuleType, data: bytes, position: int, from_client: bool
) -> None:
    parser = twin.Parser(masked=from_client)
    frame = wire(0x81, data + b"tail", mask=from_client)
    run(parser, *byte_by_byte(frame[:-5]))
    assert not parser.error
    assert parser.feed(frame[-5:-4]) == []
    assert str(parser.error) == f"invalid UTF-8 in a text message at byte {position}"


@bad_texts
def test_a_text_fails_at_the_bad_byte_also_across_fragments(
    twin: ModuleType, data: bytes, position: int
) -> None:
    parser = twin.Parser(masked=False)
    run(parser, b"\x01\x00", *(b"\x00\x01" + byte for byte in byte_by_byte(data[:-1])))
    assert not parser.error
    assert parser.feed(b"\x00\x02" + data[-1:]) == []
    assert str(parser.error) == f"invalid UTF-8 in a text message at byte {position}"


@pytest.mark.parametrize(
    ("data", "position"),
    [("c3", 0), ("61 c3", 1), ("e2 82", 0), ("61 f0 9f 98", 1), ("c3 a9 f0", 2)],
)
def test_a_text_that_ends_inside_a_character_fails(
    twin: ModuleType, data: str, position: int
) -> None:
    raw = bytes.fromhex(data)
    text = f"invalid UTF-8 in a text message at byte {position}"
    for pieces in (
        [wire(0x81, raw)],
        [wire(0x81, raw)[:-1], raw[-1:]],
        [wire(0x01, raw), b"\x80\x00"],
        [wire(0x01, raw[:-1]), wire(0x80, raw[-1:])],
    ):
        parser = twin.Parser(masked=False)
        assert run(parser, *pieces) == []
        assert type(parser.error) is InvalidUTF8
        assert str(parser.error) == text


def test_binary_may_be_anything(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(wire(0x02, b"\xff\xc0") + wire(0x80, b"\xed\xa0")) == [b"\xff\xc0\xed\xa0"]


@pytest.mark.parametrize("from_client", [False, True])
def test_text_may_be_wide_anywhere(twin: ModuleType, from_client: bool) -> None:
    for size in (1, 7, 8, 9, 63, 64, 65, 200):
        for place in range(0, size, 5):
            for char in "\x7f\x80ÿ\u0100€\uffff\U00010000😀":
                text = "x" * place + char + "y" * (size - place)
                data = wire(0x81, text.encode(), mask=from_client)
                parser = twin.Parser(masked=from_client)
                assert parser.feed(data + data[:-3]) == [text]
                assert parser.feed(data[-3:]) == [text]
