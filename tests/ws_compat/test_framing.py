"""Frames that are read and written one at a time."""

from __future__ import annotations

import asyncio
from typing import Any, Callable

import pytest

import ws_frames
from ws_compat.framing import (
    OP_BINARY,
    OP_CLOSE,
    OP_CONT,
    OP_PING,
    OP_PONG,
    OP_TEXT,
    Frame,
    check_close,
    encode_data,
    parse_close,
    prepare_data,
    read_frame,
    serialize_close,
    write_frame,
)
from ws_frames import Extension, PayloadTooBig, ProtocolError

# RFC 6455 §5.7, and one of each length; without a mask.
VECTORS = [
    (Frame(True, OP_TEXT, b"Hello"), b"\x81\x05Hello"),
    (Frame(False, OP_TEXT, b"Hel"), b"\x01\x03Hel"),
    (Frame(True, OP_CONT, b"lo"), b"\x80\x02lo"),
    (Frame(True, OP_PING, b"Hello"), b"\x89\x05Hello"),
    (Frame(True, OP_PONG, b"Hello"), b"\x8a\x05Hello"),
    (Frame(True, OP_CLOSE, b"\x03\xe8"), b"\x88\x02\x03\xe8"),
    (Frame(True, OP_BINARY, bytes(126)), b"\x82\x7e\x00\x7e" + bytes(126)),
    (Frame(True, OP_BINARY, bytes(65536)), b"\x82\x7f" + (65536).to_bytes(8, "big") + bytes(65536)),
]
each_vector = pytest.mark.parametrize(("frame", "data"), VECTORS)


def read_exactly(data: bytes) -> Callable[[int], Any]:
    reader = asyncio.StreamReader()
    reader.feed_data(data)
    reader.feed_eof()
    return reader.readexactly


class Stream:
    """What a StreamWriter is for a frame."""

    def __init__(self) -> None:
        self.data = b""

    def write(self, data: bytes) -> None:
        self.data += data


class Rot(Extension):
    """Adds to each byte, and marks what it did."""

    name = "rot"

    def __init__(self, by: int) -> None:
        self.by = by

    def decode(self, frame: ws_frames.Frame, *, max_size: int | None = None) -> ws_frames.Frame:
        data = bytes((byte - self.by) % 256 for byte in frame.data)
        return frame._replace(data=data, rsv1=False)

    def encode(self, frame: ws_frames.Frame) -> ws_frames.Frame:
        return frame._replace(data=bytes((byte + self.by) % 256 for byte in frame.data), rsv1=True)


def test_opcodes_have_their_numbers() -> None:
    opcodes = [OP_CONT, OP_TEXT, OP_BINARY, OP_CLOSE, OP_PING, OP_PONG]
    assert opcodes == [0, 1, 2, 8, 9, 10]


def test_a_frame_is_a_frame_for_everyone() -> None:
    frame = Frame(True, OP_TEXT, b"Hello")
    assert isinstance(frame, ws_frames.Frame)
    assert frame == ws_frames.Frame(True, OP_TEXT, b"Hello")
    fin, opcode, data, rsv1, rsv2, rsv3 = frame
    assert (fin, opcode, data, rsv1, rsv2, rsv3) == (True, 1, b"Hello", False, False, False)


@each_vector
async def test_a_frame_is_read(frame: Frame, data: bytes) -> None:
    read = await Frame.read(read_exactly(data), mask=False)
    assert read == frame
    assert type(read) is Frame
    assert type(read.opcode) is ws_frames.Opcode


@each_vector
def test_a_frame_is_written(frame: Frame, data: bytes) -> None:
    written: list[bytes] = []
    frame.write(written.append, mask=False)
    assert written == [data]


@each_vector
async def test_a_masked_frame_comes_back(frame: Frame, data: bytes) -> None:
    stream = Stream()
    frame.write(stream, mask=True)
    assert len(stream.data) == len(data) + 4
    assert await Frame.read(read_exactly(stream.data), mask=True) == frame


async def test_the_functions_of_the_first_releases_do_the_same() -> None:
    stream = Stream()
    write_frame(ws_frames.Frame(True, OP_TEXT, b"Hello"), stream, True)
    assert await read_frame(read_exactly(stream.data), True) == Frame(True, OP_TEXT, b"Hello")
    with pytest.raises(PayloadTooBig):
        await read_frame(read_exactly(stream.data), True, max_size=4)


async def test_what_follows_a_frame_is_not_read() -> None:
    read = read_exactly(b"\x81\x05Hello\x89\x00")
    assert (await Frame.read(read, mask=False)).data == b"Hello"
    assert (await Frame.read(read, mask=False)).opcode is OP_PING


async def test_max_size_counts_from_the_length_on() -> None:
    data = b"\x81\x05"  # nothing of the payload
    with pytest.raises(PayloadTooBig, match="frame of 5 bytes, over 4"):
        await Frame.read(read_exactly(data), mask=False, max_size=4)
    assert (await Frame.read(read_exactly(data + b"Hello"), mask=False, max_size=5)).fin


async def test_extensions_decode_in_reverse() -> None:
    extensions = [Rot(1), Rot(2)]
    stream = Stream()
    Frame(True, OP_TEXT, b"Hello").write(stream, mask=False, extensions=extensions)
    assert stream.data == b"\xc1\x05" + bytes(byte + 3 for byte in b"Hello")
    read = await Frame.read(read_exactly(stream.data), mask=False, extensions=extensions)
    assert read == Frame(True, OP_TEXT, b"Hello")
    assert type(read) is Frame


@pytest.mark.parametrize("mask", [True, False])
async def test_the_mask_has_to_be_as_it_is_due(mask: bool) -> None:
    stream = Stream()
    Frame(True, OP_TEXT, b"").write(stream, mask=not mask)
    with pytest.raises(ProtocolError, match=r"frame is (not )?masked"):
        await Frame.read(read_exactly(stream.data + bytes(4)), mask=mask)


@pytest.mark.parametrize(
    ("frame", "error"),
    [
        (Frame(True, OP_TEXT, b"", rsv1=True), "reserved bits are set"),
        (Frame(True, OP_TEXT, b"", rsv2=True), "reserved bits are set"),
        (Frame(True, OP_TEXT, b"", rsv3=True), "reserved bits are set"),
        (Frame(True, 3, b""), "reserved opcode 0x3"),  # type: ignore[arg-type]
        (Frame(False, OP_PING, b""), "fragmented control frame"),
        (Frame(True, OP_PONG, bytes(126)), "control frame of 126 bytes"),
    ],
)
async def test_a_wrong_frame_is_neither_written_nor_read(frame: Frame, error: str) -> None:
    with pytest.raises(ProtocolError, match=error):
        frame.check()
    stream = Stream()
    with pytest.raises(ProtocolError, match=error):
        frame.write(stream, mask=False)
    assert stream.data == b""
    data = ws_frames.encode_frame(frame.head, frame.data)
    with pytest.raises(ProtocolError, match=error):
        await Frame.read(read_exactly(data), mask=False)


async def test_an_early_end_is_the_readers_error() -> None:
    with pytest.raises(asyncio.IncompleteReadError):
        await Frame.read(read_exactly(b"\x81\x05Hel"), mask=False)


def test_a_message_has_an_opcode_and_a_payload() -> None:
    assert prepare_data("é") == (OP_TEXT, b"\xc3\xa9")
    data: Any
    for data in [b"ab", bytearray(b"ab"), memoryview(b"ab")]:
        assert prepare_data(data) == (OP_BINARY, b"ab")


def test_the_payload_of_a_ping_is_text_or_bytes() -> None:
    assert encode_data("é") == b"\xc3\xa9"
    assert encode_data(memoryview(b"ab")) == b"ab"


def test_anything_else_is_a_type_error() -> None:
    for function in (prepare_data, encode_data):
        with pytest.raises(TypeError, match="data must be str or bytes-like, not int"):
            function(1)  # type: ignore[arg-type]


def test_the_payload_of_a_close_frame_goes_both_ways() -> None:
    assert serialize_close(1001, "bye") == b"\x03\xe9bye"
    assert parse_close(b"\x03\xe9bye") == (1001, "bye")
    assert type(parse_close(b"\x03\xe9")) is tuple
    assert parse_close(b"") == (1005, "")


@pytest.mark.parametrize("code", [999, 1004, 1005, 1006, 1015, 5000])
def test_a_code_that_must_not_be_sent_is_a_protocol_error(code: int) -> None:
    with pytest.raises(ProtocolError):
        check_close(code)
    with pytest.raises(ProtocolError):
        serialize_close(code, "")
    with pytest.raises(ProtocolError):
        parse_close(code.to_bytes(2, "big"))
