"""Frames on the wire, laid out by hand, and what a parser makes of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Union

from ws_frames import Frame, Opcode, PayloadTooBig, ProtocolError

MASK = b"\x37\xfa\x21\x3d"

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
