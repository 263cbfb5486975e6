"""Masking of payloads, RFC 6455 §5.3, by both twins."""

from __future__ import annotations

import array
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.ws_frames.wires import MASK, wire

# RFC 6455 §5.7: "A single-frame masked text message [...] contains "Hello"".
HELLO = bytes.fromhex("7f 9f 4d 51 58")

# Around each size at which the C takes another loop, words of 8, vectors of 32 and blocks of
# 128 bytes, from 1,024 bytes on from a multiple of 32 on, and Python another way.
SIZES = [
    *(0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 39, 40, 41, 63, 64, 65, 127, 128, 129),
    *(159, 160, 161, 255, 256, 257, 1023, 1024, 1025, 2047, 2048, 2049, 2050, 2051, 2052, 65537),
]


def masked_byte_by_byte(data: bytes, mask: bytes) -> bytes:
    return bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


def test_the_example_of_the_rfc_is_masked(twin: ModuleType) -> None:
    assert twin.apply_mask(b"Hello", MASK) == HELLO


def test_the_example_of_the_rfc_is_unmasked(twin: ModuleType) -> None:
    assert twin.apply_mask(HELLO, MASK) == b"Hello"


@pytest.mark.parametrize("size", SIZES)
def test_each_byte_meets_its_byte_of_the_mask(twin: ModuleType, size: int) -> None:
    data = bytes(i * 7 % 256 for i in range(size))
    assert twin.apply_mask(data, MASK) == masked_byte_by_byte(data, MASK)


@pytest.mark.parametrize("start", range(9))
def test_data_may_start_at_any_address(twin: ModuleType, start: int) -> None:
    data = bytes(range(256))
    view = memoryview(data)[start:]
    assert twin.apply_mask(view, MASK) == masked_byte_by_byte(data[start:], MASK)


@pytest.mark.parametrize("size", [128, 300, 1200])
def test_data_may_start_anywhere_in_a_page(twin: ModuleType, size: int) -> None:
    # The C goes backwards where the result is less than 512 bytes behind, but for whole pages.
    data = bytes(i * 7 % 251 for i in range(4096 + size))
    expected = masked_byte_by_byte(data, MASK)
    for start in range(0, 4096, 128):  # multiples of the mask
        view = memoryview(data)[start : start + size]
        assert twin.apply_mask(view, MASK) == expected[start : start + size]


@pytest.mark.parametrize("start", range(1, 36))
def test_unmasked_data_may_get_to_any_address(twin: ModuleType, start: int) -> None:
    data = bytes(i * 7 % 256 for i in range(1200))
    parser = twin.Parser(masked=True)
    parser.feed(wire(0x02, b"x" * start, mask=True))
    assert parser.feed(wire(0x80, data, mask=True)) == [b"x" * start + data]


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_bytes_like_object_is_taken(twin: ModuleType, kind: type[bytes]) -> None:
    masked = twin.apply_mask(kind(b"Hello"), kind(MASK))
    assert masked == HELLO
    assert type(masked) is bytes


def test_items_wider_than_a_byte_are_taken_as_their_bytes(twin: ModuleType) -> None:
    data = array.array("H", [1, 2, 3])
    assert twin.apply_mask(data, MASK) == masked_byte_by_byte(data.tobytes(), MASK)


def test_the_data_is_left_alone(twin: ModuleType) -> None:
    data = bytearray(b"Hello")
    twin.apply_mask(data, MASK)
    assert data == b"Hello"


def test_the_buffers_are_given_back(twin: ModuleType) -> None:
    data, mask = bytearray(b"Hello"), bytearray(MASK)
    twin.apply_mask(data, mask)
    with pytest.raises(ValueError, match="must be 4"):
        twin.apply_mask(data, mask[:3])
    data.clear()  # a BufferError while anyone holds on to it
    mask.clear()


@pytest.mark.parametrize("size", [0, 1, 3, 5, 8])
def test_a_mask_of_another_size_is_refused(twin: ModuleType, size: int) -> None:
    with pytest.raises(ValueError, match=f"^mask is {size} bytes long, must be 4$"):
        twin.apply_mask(b"Hello", bytes(size))


@pytest.mark.parametrize("wrong", ["text", 5, None, [1, 2, 3, 4]])
def test_what_is_not_bytes_like_is_refused(twin: ModuleType, wrong: object) -> None:
    with pytest.raises(TypeError):
        twin.apply_mask(wrong, MASK)
    with pytest.raises(TypeError):
        twin.apply_mask(b"Hello", wrong)


def test_a_buffer_with_gaps_is_refused(twin: ModuleType) -> None:
    gaps = memoryview(b"Hello, world")[::2]
    with pytest.raises(BufferError):
        twin.apply_mask(gaps, MASK)
    with pytest.raises(BufferError):
        twin.apply_mask(b"Hello", memoryview(MASK * 2)[::2])


@pytest.mark.parametrize("arguments", [(), (b"Hello",), (b"Hello", MASK, 0)])
def test_another_number_of_arguments_is_refused(
    twin: ModuleType, arguments: tuple[object, ...]
) -> None:
    with pytest.raises(TypeError):
        twin.apply_mask(*arguments)


def test_arguments_have_no_names(twin: ModuleType) -> None:
    with pytest.raises(TypeError):
        twin.apply_mask(data=b"Hello", mask=MASK)


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_masking_twice_gives_the_data_back(twin: ModuleType, data: bytes, mask: bytes) -> None:
    assert twin.apply_mask(twin.apply_mask(data, mask), mask) == data


@given(st.binary(max_size=300), st.binary(min_size=4, max_size=4))
def test_any_data_and_mask_give_what_the_rfc_says(
    twin: ModuleType, data: bytes, mask: bytes
) -> None:
    assert twin.apply_mask(data, mask) == masked_byte_by_byte(data, mask)
