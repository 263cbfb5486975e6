"""Opcodes and the bits around them, RFC 6455 §5.2."""

from __future__ import annotations

import pytest

from ws_frames import RSV1, RSV2, RSV3, RSV_MASK, Opcode
from ws_frames.opcodes import FIN, MASKED, MAX_CONTROL_SIZE, name_of


@pytest.mark.parametrize(
    ("name", "value", "is_control"),
    [
        ("CONT", 0x0, False),
        ("TEXT", 0x1, False),
        ("BINARY", 0x2, False),
        ("CLOSE", 0x8, True),
        ("PING", 0x9, True),
        ("PONG", 0xA, True),
    ],
)
def test_opcodes_have_the_values_of_the_rfc(name: str, value: int, is_control: bool) -> None:
    opcode = Opcode[name]
    assert opcode == value
    assert opcode.is_control is is_control


def test_there_are_no_other_opcodes() -> None:
    assert len(Opcode) == 6


def test_the_bits_of_the_first_byte_do_not_overlap() -> None:
    assert (FIN, RSV1, RSV2, RSV3) == (0x80, 0x40, 0x20, 0x10)
    assert RSV_MASK == RSV1 | RSV2 | RSV3


def test_the_second_byte_has_the_mask_bit_at_the_top() -> None:
    assert MASKED == 0x80
    assert MAX_CONTROL_SIZE == 125


def test_an_opcode_may_be_a_plain_number() -> None:
    assert [name_of(Opcode.TEXT), name_of(1), name_of(3)] == ["TEXT", "TEXT", "3"]
