"""From a payload to the bytes of a frame, RFC 6455 §5.2, by both twins."""

from __future__ import annotations

import array
from collections.abc import Callable
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.wires import MASK, masked

BYTES_256 = bytes(range(256))

# RFC 6455 §5.7 and our own: name, first byte, payload, mask, bytes
VECTORS: list[tuple[str, int, str | bytes, bool | bytes, str]] = [
    ("unmasked text", 0x81, "Hello", False, "81 05 48 65 6c 6c 6f"),
    ("masked text", 0x81, "Hello", MASK, "81 85 37 fa 21 3d 7f 9f 4d 51 58"),
    ("first fragment", 0x01, "Hel", False, "01 03 48 65 6c"),
    ("last fragment", 0x80, "lo", False, "80 02 6c 6f"),
    ("unmasked ping", 0x89, b"Hello", False, "89 05 48 65 6c 6c 6f"),
    ("masked pong", 0x8A, b"Hello", MASK, "8a 85 37 fa 21 3d 7f 9f 4d 51 58"),
    ("256 bytes of binary", 0x82, BYTES_256, False, "82 7e 01 00" + BYTES_256.hex()),
    ("64 KiB", 0x82, b"\xab" * 65536, False, "82 7f 00 00 00 00 00 01 00 00" + "ab" * 65536),
    ("empty text", 0x81, "", False, "81 00"),
    ("empty masked binary", 0x82, b"", MASK, "82 80 37 fa 21 3d"),
    ("Latin-1", 0x81, "é", False, "81 02 c3 a9"),
    ("masked Latin-1", 0x81, "é", MASK, "81 82 37 fa 21 3d f4 53"),
    ("wide characters", 0x81, "€😀", False, "81 07 e2 82 ac f0 9f 98 80"),
    ("any first byte", 0xFF, b"", False, "ff 00"),
    ("no first bit", 0x00, b"", False, "00 00"),
]


@pytest.mark.parametrize(
    ("head", "payload", "mask", "wire"),
    [pytest.param(*row[1:4], bytes.fromhex(row[4]), id=row[0]) for row in VECTORS],
)
def test_a_vector_is_serialized(
    twin: ModuleType, head: int, payload: str | bytes, mask: bool | bytes, wire: bytes
) -> None:
    made = twin.encode_frame(head, payload, mask)
    assert made == wire
    assert type(made) is bytes


@pytest.mark.parametrize(
    ("length", "header"),
    [
        (0, "82 00"),
        (1, "82 01"),
        (125, "82 7d"),
        (126, "82 7e 00 7e"),
        (127, "82 7e 00 7f"),
        (65535, "82 7e ff ff"),
        (65536, "82 7f 00 00 00 00 00 01 00 00"),
        (65537, "82 7f 00 00 00 00 00 01 00 01"),
    ],
)
def test_the_length_takes_the_least_bytes(twin: ModuleType, length: int, header: str) -> None:
    payload = (BYTES_256 * 257)[:length]
    start = bytearray.fromhex(header)
    assert twin.encode_frame(0x82, payload) == start + payload
    start[1] |= 0x80
    assert twin.encode_frame(0x82, payload, MASK) == start + MASK + masked(payload)


def test_there_is_no_mask_unless_asked_for(twin: ModuleType) -> None:
    assert twin.encode_frame(0x81, "Hello") == twin.encode_frame(0x81, "Hello", False)


@pytest.mark.parametrize("payload", ["Hello", b"Hello"])
def test_a_fresh_mask_is_drawn_on_request(twin: ModuleType, payload: str | bytes) -> None:
    made = {twin.encode_frame(0x81, payload, True) for _ in range(50)}
    assert len(made) > 45
    for frame in made:
        assert frame[:2] == b"\x81\x85"
        assert twin.apply_mask(frame[6:], frame[2:6]) == b"Hello"


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_object_is_taken(
    twin: ModuleType, kind: Callable[[bytes], memoryview]
) -> None:
    assert twin.encode_frame(0x82, kind(b"Hello")) == b"\x82\x05Hello"
    assert twin.encode_frame(0x82, kind(b"Hello"), kind(MASK))[6:] == masked(b"Hello")


def test_items_wider_than_a_byte_are_taken_as_their_bytes(twin: ModuleType) -> None:
    data = array.array("H", [1, 2, 3])
    assert twin.encode_frame(0x82, data) == b"\x82\x06" + data.tobytes()
    assert twin.encode_frame(0x82, memoryview(data)) == b"\x82\x06" + data.tobytes()


@pytest.mark.parametrize("mask", [False, MASK])
def test_a_buffer_with_gaps_is_joined(twin: ModuleType, mask: bool | bytes) -> None:
    gaps = memoryview(b"H-e-l-l-o")[::2]
    assert twin.encode_frame(0x82, gaps, mask) == twin.encode_frame(0x82, b"Hello", mask)


def test_the_buffers_are_given_back(twin: ModuleType) -> None:
    data, mask = bytearray(b"Hello"), bytearray(MASK)
    twin.encode_frame(0x82, data, mask)
    with pytest.raises(ValueError, match="must be 4"):
        twin.encode_frame(0x82, data, mask[:3])
    assert data == b"Hello"
    data.clear()  # a BufferError while anyone holds on to it
    mask.clear()


@pytest.mark.parametrize("payload", [5, None, [1, 2], True, 1.5])
def test_what_is_neither_str_nor_bytes_like_is_refused(twin: ModuleType, payload: object) -> None:
    with pytest.raises(TypeError):
        twin.encode_frame(0x82, payload)
    with pytest.raises(TypeError):
        twin.encode_frame(0x82, payload, True)


@pytest.mark.parametrize("text", ["\ud800", "é\udfff", "x" * 50 + "\udc80€"])
def test_a_lone_surrogate_cannot_be_sent(twin: ModuleType, text: str) -> None:
    for mask in (False, True, MASK):
        with pytest.raises(UnicodeEncodeError):
            twin.encode_frame(0x81, text, mask)


@pytest.mark.parametrize("head", [-1, 256, 2**70])
def test_a_first_byte_out_of_range_is_refused(twin: ModuleType, head: int) -> None:
    with pytest.raises(ValueError, match=f"^head is {head}, must be 0 to 255$"):
        twin.encode_frame(head, b"")


@pytest.mark.parametrize("head", ["\x81", None, 1.5, b"\x81"])
def test_a_first_byte_that_is_no_integer_is_refused(twin: ModuleType, head: object) -> None:
    with pytest.raises(TypeError):
        twin.encode_frame(head, b"")


@pytest.mark.parametrize("size", [0, 1, 3, 5])
def test_a_mask_of_another_size_is_refused(twin: ModuleType, size: int) -> None:
    with pytest.raises(ValueError, match=f"^mask is {size} bytes long, must be 4$"):
        twin.encode_frame(0x82, b"Hello", bytes(size))


@pytest.mark.parametrize("mask", [0, 1, None, "mask"])
def test_what_is_neither_a_mask_nor_a_choice_is_refused(twin: ModuleType, mask: object) -> None:
    with pytest.raises(TypeError):
        twin.encode_frame(0x82, b"Hello", mask)


@pytest.mark.parametrize("arguments", [(), (0x81,), (0x81, "", False, 0)])
def test_another_number_of_arguments_is_refused(
    twin: ModuleType, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(TypeError):
        twin.encode_frame(*arguments)


@given(st.integers(0, 255), st.one_of(st.binary(max_size=300), st.text(max_size=200)))
def test_any_payload_is_laid_out_as_the_rfc_says(
    twin: ModuleType, head: int, payload: bytes | str
) -> None:
    data = payload.encode() if isinstance(payload, str) else payload
    size = len(data)
    length = bytes([size]) if size < 126 else b"\x7e" + size.to_bytes(2, "big")
    assert twin.encode_frame(head, payload) == bytes([head]) + length + data
    start = bytes([head, length[0] | 0x80]) + length[1:]
    assert twin.encode_frame(head, payload, MASK) == start + MASK + masked(data)
