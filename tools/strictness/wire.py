"""Frames as the suite sends them, the wrong ones too (RFC 6455 §5.2)."""

from __future__ import annotations

import struct
from typing import NamedTuple, Optional

__all__ = [
    "CONT",
    "KEY",
    "OPCODES",
    "RSV1",
    "RSV2",
    "RSV3",
    "Frame",
    "binary",
    "close",
    "cont",
    "mask",
    "ping",
    "pong",
    "text",
]

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
OPCODES = {CONT: "cont", TEXT: "text", BINARY: "binary", CLOSE: "close", PING: "ping", PONG: "pong"}
RSV1, RSV2, RSV3 = 4, 2, 1

#: The mask of the example in RFC 6455 §5.7. A tool for tests needs no unpredictable one.
KEY = b"\x37\xfa\x21\x3d"


class Frame(NamedTuple):
    """One frame; whether it is masked depends on who sends it, unless that is what's wrong."""

    opcode: int
    payload: bytes = b""
    fin: bool = True
    rsv: int = 0
    #: The length that the header says, where it isn't that of the payload.
    length: Optional[int] = None  # noqa: UP045
    #: Bytes that the length takes, 0, 2 or 8; the fewest by default.
    form: Optional[int] = None  # noqa: UP045
    #: Whether the mask is the wrong way round for who sends it.
    wrong_mask: bool = False
    key: bytes = KEY

    def encode(self, *, masked: bool) -> bytes:
        """Give its bytes; ``masked`` says whether those of its sender have to be masked."""
        if self.wrong_mask:
            masked = not masked
        head = bytes([self.fin << 7 | self.rsv << 4 | self.opcode])
        length = len(self.payload) if self.length is None else self.length
        head += encode_length(length, self.form, 0x80 if masked else 0)
        if not masked:
            return head + self.payload
        return head + self.key + mask(self.payload, self.key)


def encode_length(length: int, form: int | None, bit: int) -> bytes:
    if form is None:
        form = 0 if length < 126 else 2 if length < 2**16 else 8
    if form == 0:
        return bytes([bit | length])
    if form == 2:
        return struct.pack("!BH", bit | 126, length)
    return struct.pack("!BQ", bit | 127, length)


def mask(data: bytes, key: bytes) -> bytes:
    """Mask data, or take its mask off (§5.3)."""
    size = len(data)
    stream = (key * (size // 4 + 1))[:size]
    return (int.from_bytes(data, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big")


def text(payload: str | bytes = "", *, fin: bool = True, rsv: int = 0) -> Frame:
    data = payload.encode() if isinstance(payload, str) else payload
    return Frame(TEXT, data, fin, rsv)


def binary(payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> Frame:
    return Frame(BINARY, payload, fin, rsv)


def cont(payload: str | bytes = "", *, fin: bool = True, rsv: int = 0) -> Frame:
    data = payload.encode() if isinstance(payload, str) else payload
    return Frame(CONT, data, fin, rsv)


def ping(payload: bytes = b"") -> Frame:
    return Frame(PING, payload)


def pong(payload: bytes = b"") -> Frame:
    return Frame(PONG, payload)


def close(code: int | None = 1000, reason: str | bytes = "") -> Frame:
    """A close frame; without a body where the code is None."""
    data = reason.encode() if isinstance(reason, str) else reason
    return Frame(CLOSE, b"" if code is None else code.to_bytes(2, "big") + data)
