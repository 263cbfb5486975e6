"""Opcodes and the bits around them (RFC 6455 §5.2)."""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "FIN",
    "MASKED",
    "MAX_CONTROL_SIZE",
    "RSV1",
    "RSV2",
    "RSV3",
    "RSV_MASK",
    "Opcode",
    "name_of",
]

# The first byte of a frame: FIN, three reserved bits, four bits of opcode.
FIN = 0x80
RSV1 = 0x40
RSV2 = 0x20
RSV3 = 0x10
RSV_MASK = RSV1 | RSV2 | RSV3

# The second byte: MASK and seven bits of length.
MASKED = 0x80

# "All control frames MUST have a payload length of 125 bytes or less" (§5.5).
MAX_CONTROL_SIZE = 125


class Opcode(IntEnum):
    """What a frame holds; from 8 on it is a control frame (RFC 6455 §5.5, §5.6)."""

    CONT = 0x0
    TEXT = 0x1
    BINARY = 0x2
    CLOSE = 0x8
    PING = 0x9
    PONG = 0xA

    is_control: bool
    """Whether it is a control opcode; such frames may stand between fragments."""

    def __init__(self, value: int) -> None:
        self.is_control = value >= 0x8  # known once, as it is asked for at each frame


def name_of(opcode: int) -> str:
    """Give the name of an opcode, which may be a plain number."""
    try:
        return Opcode(opcode).name
    except ValueError:
        return str(opcode)
