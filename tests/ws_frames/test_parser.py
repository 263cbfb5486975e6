"""From bytes to messages and frames, RFC 6455 §5, by both twins."""

from __future__ import annotations

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import (
    RSV1,
    RSV2,
    RSV_MASK,
    Frame,
    InvalidUTF8,
    Opcode,
    PayloadTooBig,
    PolicyViolation,
    ProtocolError,
)

MASK = b"\x37\xfa\x21\x3d"
BYTES_256 = bytes(range(256))

Parsed = Union[str, bytes, Frame]
Error = Union[ProtocolError, PayloadTooBig]


def masked(data: bytes, key: bytes = MASK) -> bytes:
    return bytes(byte ^ key[i % 4] for i, byte in enumerate(data))


def wire(head: int, payload: bytes = b"", *, mask: bool = False) -> bytes:
    """A frame as RFC 6455 §5.2 lays it out."""
    if len(payload) < 126:
        length = bytes([len(payload)])
    elif len(payload) < 65536:
        length = b"\x7e" + len(payload).to_bytes(2, "big")
    else:
        length = b"\x7f" + len(payload).to_bytes(8, "big")
    if not mask:
        return bytes([head]) + length + payload
    return bytes([head, length[0] | 0x80]) + length[1:] + MASK + masked(payload)


def ping(data: bytes = b"") -> Frame:
    return Frame(True, Opcode.PING, data)


def pong(data: bytes = b"") -> Frame:
    return Frame(True, Opcode.PONG, data)


def close(data: bytes = b"") -> Frame:
    return Frame(True, Opcode.CLOSE, data)


def run(parser: Any, *pieces: bytes) -> list[Parsed]:
    """Feed pieces, and all that waits after each."""
    events = []
    for piece in pieces:
        events += parser.feed(piece)
        while parser.waiting:
            events += parser.feed(b"")
    return events


def byte_by_byte(data: bytes) -> Iterator[bytes]:
    return (data[i : i + 1] for i in range(len(data)))


# ---------------------------------------------------------------------------
# Vectors: name, bytes, masked, what comes out

RFC_VECTORS: list[tuple[str, str, bool, list[Parsed]]] = [
    # §5.7
    ("unmasked text", "81 05 48 65 6c 6c 6f", False, ["Hello"]),
    ("masked text", "81 85 37 fa 21 3d 7f 9f 4d 51 58", True, ["Hello"]),
    ("fragmented text", "01 03 48 65 6c 80 02 6c 6f", False, ["Hello"]),
    ("unmasked ping", "89 05 48 65 6c 6c 6f", False, [ping(b"Hello")]),
    ("masked pong", "8a 85 37 fa 21 3d 7f 9f 4d 51 58", True, [pong(b"Hello")]),
    ("256 bytes of binary", "82 7e 01 00" + BYTES_256.hex(), False, [BYTES_256]),
    ("64 KiB of binary", "82 7f 00 00 00 00 00 01 00 00" + "ab" * 65536, False, [b"\xab" * 65536]),
]

OWN_VECTORS: list[tuple[str, str, bool, list[Parsed]]] = [
    ("empty text", "81 00", False, [""]),
    ("empty binary", "82 00", False, [b""]),
    ("empty masked text", "81 80 37 fa 21 3d", True, [""]),
    ("one character", "81 01 61", False, ["a"]),
    ("a zero byte", "81 01 00", False, ["\0"]),
    ("a mask of zeroes", "81 85 00 00 00 00 48 65 6c 6c 6f", True, ["Hello"]),
    ("two messages", "81 01 61 82 01 62", False, ["a", b"b"]),
    ("text of two-byte characters", "81 04 c2 80 df bf", False, ["\x80\u07ff"]),
    ("text of three-byte characters", "81 06 e0 a0 80 ef bf bf", False, ["\u0800\uffff"]),
    ("text around the surrogates", "81 06 ed 9f bf ee 80 80", False, ["\ud7ff\ue000"]),
    (
        "text of four-byte characters",
        "81 08 f0 90 80 80 f4 8f bf bf",
        False,
        ["\U00010000\U0010ffff"],
    ),
    ("a character in two fragments", "01 01 c3 80 01 a9", False, ["é"]),
    ("a character in four fragments", "01 01 f0 00 01 9f 00 01 98 80 01 80", False, ["😀"]),
    ("masked fragments", "02 81 00 00 00 01 61 80 82 37 fa 21 3d 55 99", True, [b"abc"]),
    ("empty fragments", "01 00 00 00 80 00", False, [""]),
    ("empty fragments around one that is not", "02 00 00 02 61 62 80 00", False, [b"ab"]),
    ("ping between fragments", "01 01 61 89 01 70 80 01 62", False, [ping(b"p"), "ab"]),
    ("pong between fragments", "02 01 61 8a 00 80 01 62", False, [pong(), b"ab"]),
    ("close between fragments", "01 01 61 88 02 03 e8", False, [close(b"\x03\xe8")]),
    ("control frame of 125 bytes", "89 7d" + "70" * 125, False, [ping(b"p" * 125)]),
    ("close without a body", "88 00", False, [close()]),
    ("close with a reason", "88 05 03 e9 62 79 65", False, [close(b"\x03\xe9bye")]),
    (
        "masked close",
        "88 82 37 fa 21 3d 34 12",
        True,
        [close(b"\x03\xe8")],
    ),
]

VECTORS = RFC_VECTORS + OWN_VECTORS

parametrized = pytest.mark.parametrize(
    ("data", "from_client", "events"),
    [pytest.param(bytes.fromhex(row[1]), row[2], row[3], id=row[0]) for row in VECTORS],
)


@parametrized
def test_a_vector_that_comes_whole_is_parsed(
    twin: ModuleType, data: bytes, from_client: bool, events: list[Parsed]
) -> None:
    parser = twin.Parser(masked=from_client)
    assert parser.feed(data) == events
    assert not parser.error
    assert not parser.waiting


@parametrized
def test_a_vector_that_comes_byte_by_byte_is_parsed(
    twin: ModuleType, data: bytes, from_client: bool, events: list[Parsed]
) -> None:
    if len(data) > 1000:
        data, tail = data[:500], [data[500:-500], *byte_by_byte(data[-500:])]
    else:
        tail = []
    parser = twin.Parser(masked=from_client)
    assert run(parser, *byte_by_byte(data), *tail) == events
    assert not parser.error


@parametrized
def test_a_vector_with_bytes_behind_it_is_parsed(
    twin: ModuleType, data: bytes, from_client: bool, events: list[Parsed]
) -> None:
    parser = twin.Parser(masked=from_client)
    behind = wire(0x8A, b"behind", mask=from_client)
    ended = parser.feed(data + behind)
    if parser.closed:
        assert ended == events
    else:
        assert ended == [*events, pong(b"behind")]


@parametrized
def test_a_vector_split_in_two_anywhere_is_parsed(
    twin: ModuleType, data: bytes, from_client: bool, events: list[Parsed]
) -> None:
    for cut in range(min(len(data), 300)):
        parser = twin.Parser(masked=from_client)
        assert run(parser, data[:cut], data[cut:]) == events


def test_messages_have_the_types_that_applications_get(twin: ModuleType) -> None:
    text, binary, frame = twin.Parser(masked=False).feed(b"\x81\x01a\x82\x01b\x89\x00")
    assert type(text) is str
    assert type(binary) is bytes
    assert type(frame) is Frame
    assert type(frame.opcode) is Opcode
    assert [type(bit) for bit in (frame.fin, *frame[3:])] == [bool] * 4
    assert type(frame.data) is bytes


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_object_is_taken(
    twin: ModuleType, kind: Callable[[bytes], memoryview]
) -> None:
    parser = twin.Parser(masked=True)
    data = wire(0x82, b"Hello", mask=True) + wire(0x81, b"Hello", mask=True)
    assert [*parser.feed(kind(data[:3])), *parser.feed(kind(data[3:]))] == [b"Hello", "Hello"]


def test_a_buffer_may_change_once_it_was_fed(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    buffer = bytearray(b"\x82\x04ab")
    assert parser.feed(buffer) == []
    buffer[:] = b"cd"
    assert parser.feed(buffer) == [b"abcd"]
    many = bytearray(b"\x89\x00" * 2000)
    assert len(parser.feed(many)) < 2000
    many[:] = b"\xff" * len(many)
    assert set(parser.feed(b"")) == {ping()}
    many.clear()  # a BufferError while anyone holds on to it


@pytest.mark.parametrize("wrong", ["text", 5, None, [1, 2]])
def test_what_is_not_bytes_like_is_refused(twin: ModuleType, wrong: object) -> None:
    parser = twin.Parser(masked=False)
    with pytest.raises(TypeError):
        parser.feed(wrong)
    assert parser.feed(b"\x81\x01a") == ["a"]


def test_a_buffer_with_gaps_is_refused(twin: ModuleType) -> None:
    with pytest.raises(BufferError):
        twin.Parser(masked=False).feed(memoryview(b"\x81\x01a")[::2])


def test_feeding_nothing_gives_nothing(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert parser.feed(b"") == []
    assert parser.feed(b"\x81") == []
    assert parser.feed(b"") == []
    assert parser.feed(b"\x01a") == ["a"]


def test_a_new_parser_has_nothing_to_tell(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False)
    assert (parser.error, parser.closed, parser.waiting) == (None, False, False)


@pytest.mark.parametrize(
    ("arguments", "options"),
    [
        ((), {}),
        ((True,), {}),
        ((), {"masked": True, "size": 1}),
        ((), {"masked": True, "max_size": "1"}),
        ((), {"masked": True, "rsv": None}),
    ],
)
def test_wrong_arguments_are_refused(
    twin: ModuleType, arguments: tuple[object, ...], options: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        twin.Parser(*arguments, **options)


@pytest.mark.parametrize("max_size", [-1, -(2**70)])
def test_a_negative_limit_is_refused(twin: ModuleType, max_size: int) -> None:
    with pytest.raises(ValueError, match=f"^max_size is {max_size}, must be None or at least 0$"):
        twin.Parser(masked=True, max_size=max_size)


@pytest.mark.parametrize("rsv", [-1, 0x80, 0x08, 2**70])
def test_bits_that_are_not_reserved_ones_are_refused(twin: ModuleType, rsv: int) -> None:
    with pytest.raises(ValueError, match=f"^rsv is {rsv:#x}, must be bits of 0x70$"):
        twin.Parser(masked=True, rsv=rsv)


# ---------------------------------------------------------------------------
# Lengths (§5.2)

LENGTHS = [0, 1, 2, 124, 125, 126, 127, 128, 65534, 65535, 65536, 65537]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("from_client", [False, True])
def test_payloads_around_each_form_of_length_are_parsed(
    twin: ModuleType, length: int, from_client: bool
) -> None:
    payload = (BYTES_256 * 257)[:length]
    data = wire(0x82, payload, mask=from_client)
    parser = twin.Parser(masked=from_client)
    assert parser.feed(data * 2) == [payload, payload]
    assert run(parser, data[:-1], data[-1:]) == [payload]


@pytest.mark.parametrize("length", LENGTHS)
@pytest.mark.parametrize("from_client", [False, True])
def test_a_text_of_each_length_may_come_in_pieces(
    twin: ModuleType, length: int, from_client: bool
) -> None:
    for text in ("x" * length, "é" * (length // 2), "x" * (length - 4) + "😀" * (length >= 4)):
        data = wire(0x81, text.encode(), mask=from_client)
        parser = twin.Parser(masked=from_client)
        assert parser.feed(data) == [text]
        assert run(parser, *cut(data, [11, len(data) - 2])) == [text]


@pytest.mark.parametrize("length", [2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63 - 1])
@pytest.mark.parametrize("head", [0x81, 0x82, 0x01, 0x02])
def test_a_huge_length_is_over_the_limit_once_it_is_complete(
    twin: ModuleType, length: int, head: int
) -> None:
    parser = twin.Parser(masked=False, max_size=2**20)
    header = bytes([head, 127]) + length.to_bytes(8, "big")
    assert parser.feed(header[:-1]) == []
    assert not parser.error
    assert parser.feed(header[-1:]) == []
    assert type(parser.error) is PayloadTooBig
    assert str(parser.error) == f"message of {length} bytes or more, at most 1048576 allowed"


@pytest.mark.parametrize("length", [2**31, 2**32, 2**63 - 1])
def test_a_huge_length_after_a_fragment_does_not_overflow(twin: ModuleType, length: int) -> None:
    parser = twin.Parser(masked=False, max_size=2**20)
    assert parser.feed(b"\x02\x02ab\x80\x7f" + length.to_bytes(8, "big")) == []
    assert type(parser.error) is PayloadTooBig
    assert str(parser.error) == f"message of {length + 2} bytes or more, at most 1048576 allowed"


@pytest.mark.parametrize("length", [2**31, 2**32, 2**63 - 1])
def test_nothing_is_allocated_for_a_length(twin: ModuleType, length: int) -> None:
    for max_size in (None, 2**63, 2**70):
        parser = twin.Parser(masked=False, max_size=max_size)
        assert parser.feed(b"\x82\x7f" + length.to_bytes(8, "big") + b"payload") == []
        assert parser.feed(b"x" * 100_000) == []
        assert not parser.error


@pytest.mark.parametrize("length", [2**63, 2**63 + 1, 2**64 - 1])
@pytest.mark.parametrize("max_size", [None, 0, 2**70])
def test_a_length_with_the_top_bit_is_refused(
    twin: ModuleType, length: int, max_size: int | None
) -> None:
    parser = twin.Parser(masked=False, max_size=max_size)
    assert parser.feed(b"\x82\x7f" + length.to_bytes(8, "big")) == []
    assert type(parser.error) is ProtocolError
    assert str(parser.error) == "length of 2**63 bytes or more"


@pytest.mark.parametrize(
    ("form", "length"),
    [(2, 0), (2, 1), (2, 125), (8, 0), (8, 125), (8, 126), (8, 65535)],
)
def test_a_length_in_more_bytes_than_needed_is_refused(
    twin: ModuleType, form: int, length: int
) -> None:
    parser = twin.Parser(masked=True)
    code = {2: b"\xfe", 8: b"\xff"}[form]
    assert parser.feed(b"\x82" + code + length.to_bytes(form, "big")) == []
    assert str(parser.error) == f"length of {length} encoded in {form} bytes"


# ---------------------------------------------------------------------------
# The limit


@pytest.mark.parametrize("max_size", [0, 1, 125, 126, 65535, 65536])
@pytest.mark.parametrize("from_client", [False, True])
def test_a_message_may_fill_the_limit_and_not_more(
    twin: ModuleType, max_size: int, from_client: bool
) -> None:
    parser = twin.Parser(masked=from_client, max_size=max_size)
    assert parser.feed(wire(0x82, bytes(max_size), mask=from_client)) == [bytes(max_size)]
    header = wire(0x82, bytes(max_size + 1), mask=from_client)[: -max_size - 1]
    if from_client:
        header = header[:-4]  # judged before the mask
    assert parser.feed(header) == []
    assert str(parser.error) == (
        f"message of {max_size + 1} bytes or more, at most {max_size} allowed"
    )


def test_fragments_together_may_fill_the_limit_and_not_more(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=10)
    assert parser.feed(b"\x01\x06abcdef\x00\x00\x80\x04ghij") == ["abcdefghij"]
    assert parser.feed(b"\x01\x06abcdef\x00\x04ghij\x80\x01") == []
    assert str(parser.error) == "message of 11 bytes or more, at most 10 allowed"


def test_control_frames_do_not_count_against_the_limit(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=3)
    data = b"\x01\x02ab" + wire(0x89, b"p" * 125) + b"\x00\x01c" + wire(0x8A, b"q" * 125)
    assert parser.feed(data) == [ping(b"p" * 125), pong(b"q" * 125)]
    assert parser.feed(b"\x80\x00") == ["abc"]


def test_there_may_be_no_limit(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=None)
    assert parser.feed(wire(0x82, bytes(3_000_000))) == [bytes(3_000_000)]


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


# ---------------------------------------------------------------------------
# Any bytes, any cuts

payloads = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=20).map(str.encode),
    st.integers(0, 400).map(lambda n: b"x" * n),
)
heads = st.one_of(
    st.sampled_from([0x81, 0x82, 0x01, 0x02, 0x00, 0x80, 0x89, 0x8A, 0xC1, 0x41]),
    st.sampled_from([0x88, 0xA1, 0xFF]),
)


def streams(mask: bool) -> st.SearchStrategy[bytes]:
    frames = st.builds(lambda head, payload: wire(head, payload, mask=mask), heads, payloads)
    return st.lists(frames, max_size=12).map(b"".join)


def outcome(parser: Any, pieces: list[bytes]) -> tuple[list[Parsed], str, type[Error], bool]:
    events = run(parser, *pieces)
    return events, str(parser.error), type(parser.error), parser.closed


def cut(data: bytes, places: list[int]) -> list[bytes]:
    ends = sorted(place % (len(data) + 1) for place in places)
    return [data[a:b] for a, b in zip([0, *ends], [*ends, len(data)])]


@given(st.data(), st.booleans(), st.sampled_from([0, RSV1]), st.booleans())
def test_the_cuts_between_reads_do_not_matter(
    twin: ModuleType, data: st.DataObject, from_client: bool, rsv: int, all_frames: bool
) -> None:
    stream = data.draw(st.one_of(streams(from_client), st.binary(max_size=60)))
    places = data.draw(st.lists(st.integers(0, 2000), max_size=8))
    options: dict[str, Any] = {"masked": from_client, "rsv": rsv, "all_frames": all_frames}
    whole = outcome(twin.Parser(max_size=300, **options), [stream])
    cuts = outcome(twin.Parser(max_size=300, **options), cut(stream, places))
    single = outcome(twin.Parser(max_size=300, **options), list(byte_by_byte(stream)))
    assert whole == cuts == single


@given(st.lists(st.one_of(st.text(max_size=200), st.binary(max_size=200)), max_size=5))
def test_what_was_encoded_is_parsed(twin: ModuleType, messages: list[str | bytes]) -> None:
    for mask in (False, True):
        stream = b"".join(
            twin.encode_frame(0x81 if isinstance(message, str) else 0x82, message, mask)
            for message in messages
        )
        assert run(twin.Parser(masked=mask), stream) == messages


@given(st.one_of(st.binary(max_size=40), st.text(max_size=20).map(str.encode)))
def test_text_is_what_python_takes_for_utf8(twin: ModuleType, data: bytes) -> None:
    parser = twin.Parser(masked=False)
    events = run(parser, *byte_by_byte(wire(0x81, data)))
    bad = first_bad_byte(data)
    if bad is None:
        assert events == [data.decode()]
    else:
        assert events == []
        assert str(parser.error) == f"invalid UTF-8 in a text message at byte {bad}"


def first_bad_byte(data: bytes) -> int | None:
    try:
        data.decode()
    except UnicodeDecodeError as exc:
        return exc.start
    return None


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


@pytest.mark.parametrize("head", [0x01, 0x02])
def test_a_message_in_small_fragments_takes_twice_its_size_at_most(
    twin: ModuleType, head: int
) -> None:
    size = 4 * MIB
    first, rest, last = wire(head, b"x" * 64), wire(0, b"x" * 64) * 1024, wire(0x80, b"x" * 64)
    parser = twin.Parser(masked=False, max_size=size)
    events: list[Parsed] = []

    def parse() -> None:
        parser.feed(first + rest[: 1022 * 66])
        for _ in range(size // 64 // 1024 - 1):
            parser.feed(rest)
        events.extend(parser.feed(last))

    assert memory_for(parse) < 2.2 * size + 512 * KIB
    assert [len(event) for event in events] == [size]


@pytest.mark.parametrize("head", [0x82, 0xC2])
def test_a_large_frame_is_never_there_twice(twin: ModuleType, head: int) -> None:
    data = wire(head, b"x" * MIB, mask=True)
    pieces = [data[start : start + 32 * KIB] for start in range(0, len(data), 32 * KIB)]
    parser = twin.Parser(masked=True, max_size=MIB, rsv=0x40)
    events: list[Parsed] = []

    def parse() -> None:
        for piece in pieces:
            events.extend(parser.feed(piece))

    # While it grows, half of it may be.
    assert memory_for(parse) < 1.5 * MIB + 256 * KIB
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
