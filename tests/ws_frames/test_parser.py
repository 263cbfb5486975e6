"""From bytes to messages and frames, RFC 6455 §5, by both twins."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.boxes import Number
from tests.ws_frames.wires import (
    Error,
    Parsed,
    byte_by_byte,
    close,
    ping,
    pong,
    run,
    wire,
)
from ws_frames import (
    RSV1,
    Frame,
    Opcode,
    PayloadTooBig,
    ProtocolError,
)

BYTES_256 = bytes(range(256))


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
        ((), {"masked": True, "max_size": 1.0}),
        ((), {"masked": True, "rsv": 64.0}),
        ((), {"masked": True, "rsv": None}),
    ],
)
def test_wrong_arguments_are_refused(
    twin: ModuleType, arguments: tuple[object, ...], options: dict[str, object]
) -> None:
    with pytest.raises(TypeError):
        twin.Parser(*arguments, **options)


def test_numbers_may_be_anything_that_stands_for_an_int(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=Number(2), rsv=Number(0x40))
    assert parser.feed(b"\x82\x02ab\xc2\x02ab") == [b"ab", Frame(True, Opcode.BINARY, b"ab", True)]
    assert parser.feed(b"\x82\x03abc") == []
    assert str(parser.error) == "message of 3 bytes or more, at most 2 allowed"
    for name, text in (("max_size", "max_size is -1, "), ("rsv", "rsv is -0x1, ")):
        with pytest.raises(ValueError, match=text):
            twin.Parser(masked=False, **{name: Number(-1)})


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


# Another limit in between


def test_another_limit_counts_from_the_next_frame_on(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=5)
    parser.set_max_size(10)
    assert parser.feed(wire(0x82, b"x" * 10)) == [b"x" * 10]
    parser.feed(wire(0x02, b"x" * 8))
    parser.set_max_size(7)  # less than what is there
    assert parser.feed(wire(0x80, b"")) == []
    assert type(parser.error) is PayloadTooBig
    assert str(parser.error) == "message of 8 bytes or more, at most 7 allowed"


def test_a_wrong_limit_leaves_the_one_before(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=5)
    with pytest.raises(ValueError, match="max_size is -1, must be None or at least 0"):
        parser.set_max_size(-1)
    with pytest.raises(TypeError):
        parser.set_max_size("5")
    assert parser.feed(wire(0x82, b"x" * 6)) == []
    assert type(parser.error) is PayloadTooBig


def test_no_limit_may_come_later_too(twin: ModuleType) -> None:
    parser = twin.Parser(masked=False, max_size=5)
    parser.set_max_size(None)
    assert parser.feed(wire(0x82, b"x" * 6)) == [b"x" * 6]
