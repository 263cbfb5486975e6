"""From messages to frames: opcodes, fragments, extensions, RFC 6455 §5.4 and §6.1."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import pytest

from ws_frames import Extension, Frame, InvalidState, Opcode, apply_mask
from ws_frames.encoder import Encoder


class Appending(Extension):
    """Append a byte, and set a reserved bit in first frames."""

    def __init__(self, byte: bytes, **bits: bool) -> None:
        self.byte = byte
        self.bits = bits

    def encode(self, frame: Frame) -> Frame:
        bits: dict[str, Any] = {} if frame.opcode is Opcode.CONT else self.bits
        return frame._replace(data=frame.data + self.byte, **bits)


@pytest.fixture
def encoder() -> Encoder:
    return Encoder(masked=False)


@pytest.mark.parametrize(
    ("payload", "wire"),
    [
        ("Hello", b"\x81\x05Hello"),
        ("é", b"\x81\x02\xc3\xa9"),
        ("", b"\x81\x00"),
        (b"Hello", b"\x82\x05Hello"),
        (bytearray(b"Hello"), b"\x82\x05Hello"),
        (memoryview(b"Hello"), b"\x82\x05Hello"),
        (b"", b"\x82\x00"),
        (type("Text", (str,), {})("Hello"), b"\x81\x05Hello"),
        (type("Bytes", (bytes,), {})(b"Hello"), b"\x82\x05Hello"),
    ],
)
@pytest.mark.parametrize("extensions", [(), (Appending(b""),)])
def test_a_message_is_one_frame(
    payload: str | bytes, wire: bytes, extensions: tuple[Extension, ...]
) -> None:
    assert Encoder(masked=False, extensions=extensions).message(payload) == wire


@pytest.mark.parametrize("payload", [5, None, ["Hello"], {"a": "b"}, array.array("B", b"Hello")])
def test_what_is_neither_str_nor_bytes_like_is_refused(encoder: Encoder, payload: bytes) -> None:
    expected = f"^message must be str or bytes-like, not {type(payload).__name__}$"
    with pytest.raises(TypeError, match=expected):
        encoder.message(payload)
    with pytest.raises(TypeError, match=expected):
        encoder.fragment(payload, fin=False)
    assert not encoder.in_message


@pytest.mark.parametrize(
    "encode",
    [
        lambda encoder: encoder.message("Hello"),
        lambda encoder: encoder.fragment("Hello", fin=True),
        lambda encoder: encoder.control(Opcode.PING, b"Hello"),
    ],
)
def test_a_client_masks_each_frame_with_a_fresh_key(encode: Callable[[Encoder], bytes]) -> None:
    encoder = Encoder(masked=True)
    frames = {encode(encoder) for _ in range(20)}
    assert len(frames) > 15
    for frame in frames:
        assert frame[1] == 0x85
        assert apply_mask(frame[6:], frame[2:6]) == b"Hello"


def test_fragments_continue_the_first(encoder: Encoder) -> None:
    assert encoder.fragment("a", fin=False) == b"\x01\x01a"
    assert encoder.fragment("", fin=False) == b"\x00\x00"
    assert encoder.fragment("b", fin=True) == b"\x80\x01b"
    assert not encoder.in_message
    assert encoder.fragment(b"c", fin=False) == b"\x02\x01c"
    assert encoder.fragment(bytearray(b"d"), fin=True) == b"\x80\x01d"


def test_one_fragment_can_be_all(encoder: Encoder) -> None:
    assert encoder.fragment("a", fin=True) == b"\x81\x01a"
    assert encoder.message("b") == b"\x81\x01b"


@pytest.mark.parametrize(
    ("first", "second", "text"),
    [
        ("a", b"b", "^BINARY fragment in a TEXT message$"),
        (b"a", "b", "^TEXT fragment in a BINARY message$"),
    ],
)
def test_fragments_are_of_one_kind(
    encoder: Encoder, first: str | bytes, second: str | bytes, text: str
) -> None:
    encoder.fragment(first, fin=False)
    with pytest.raises(TypeError, match=text):
        encoder.fragment(second, fin=True)
    assert encoder.in_message
    assert encoder.fragment(first, fin=True)[0] == 0x80


def test_no_message_fits_between_fragments(encoder: Encoder) -> None:
    encoder.fragment("a", fin=False)
    with pytest.raises(InvalidState, match=r"^a fragmented message is under way$"):
        encoder.message("b")


def test_control_frames_fit_between_fragments(encoder: Encoder) -> None:
    encoder.fragment("a", fin=False)
    assert encoder.control(Opcode.PING, b"p") == b"\x89\x01p"
    assert encoder.in_message


@pytest.mark.parametrize(
    ("opcode", "head"), [(Opcode.CLOSE, 0x88), (Opcode.PING, 0x89), (Opcode.PONG, 0x8A)]
)
def test_control_frames_hold_125_bytes_at_most(encoder: Encoder, opcode: Opcode, head: int) -> None:
    assert encoder.control(opcode, b"x" * 125) == bytes([head, 125]) + b"x" * 125
    expected = f"^{opcode.name} frame of 126 bytes, at most 125 are allowed$"
    with pytest.raises(ValueError, match=expected):
        encoder.control(opcode, b"x" * 126)


def test_the_size_of_a_control_frame_is_counted_in_bytes(encoder: Encoder) -> None:
    wide = memoryview(array.array("H", range(63)))
    with pytest.raises(ValueError, match=r"^PONG frame of 126 bytes"):
        encoder.control(Opcode.PONG, wide)


@pytest.mark.parametrize("data", [5, None, "text"])
def test_control_frames_hold_bytes_only(encoder: Encoder, data: bytes) -> None:
    with pytest.raises(TypeError):
        encoder.control(Opcode.PING, data)


def test_extensions_are_applied_in_their_order() -> None:
    encoder = Encoder(masked=False, extensions=[Appending(b"1", rsv1=True), Appending(b"2")])
    assert encoder.message("a") == b"\xc1\x03a12"
    assert encoder.fragment(b"a", fin=False) == b"\x42\x03a12"
    assert encoder.fragment(b"b", fin=True) == b"\x80\x03b12"


def test_extensions_leave_control_frames_alone() -> None:
    encoder = Encoder(masked=False, extensions=[Appending(b"1", rsv1=True)])
    assert encoder.control(Opcode.PING, b"a") == b"\x89\x01a"


class Compressing(Appending):
    compresses = True


def test_a_message_may_pass_by_what_compresses() -> None:
    extensions = (Compressing(b"c", rsv1=True), Appending(b"a"))
    encoder = Encoder(masked=False, extensions=extensions)
    assert encoder.message("Hello") == b"\xc1\x07Helloca"
    assert encoder.message("Hello", compress=False) == b"\x81\x06Helloa"
    assert encoder.message("Hello") == b"\xc1\x07Helloca"


def test_the_first_fragment_decides_for_all() -> None:
    encoder = Encoder(masked=False, extensions=(Compressing(b"c", rsv1=True),))
    assert encoder.fragment("a", fin=False, compress=False) == b"\x01\x01a"
    assert encoder.fragment("b", fin=True) == b"\x80\x01b"
    assert encoder.fragment("a", fin=False) == b"\x41\x02ac"
    assert encoder.fragment("b", fin=True, compress=False) == b"\x80\x02bc"
