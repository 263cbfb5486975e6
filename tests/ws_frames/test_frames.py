"""One frame as it is on the wire, RFC 6455 §5.2."""

from __future__ import annotations

import pytest

from ws_frames import Frame, Opcode


@pytest.mark.parametrize(
    ("frame", "head"),
    [
        (Frame(True, Opcode.TEXT, b""), 0x81),
        (Frame(False, Opcode.BINARY, b""), 0x02),
        (Frame(True, Opcode.CONT, b""), 0x80),
        (Frame(True, Opcode.TEXT, b"", rsv1=True), 0xC1),
        (Frame(True, Opcode.TEXT, b"", rsv2=True), 0xA1),
        (Frame(False, Opcode.TEXT, b"", rsv3=True), 0x11),
        (Frame(True, Opcode.PONG, b"", True, True, True), 0xFA),
    ],
)
def test_the_first_byte_holds_all_but_the_payload(frame: Frame, head: int) -> None:
    assert frame.head == head


@pytest.mark.parametrize(
    ("frame", "shown"),
    [
        (Frame(True, Opcode.TEXT, b"Hello"), "TEXT [5 bytes] 'Hello'"),
        (Frame(True, Opcode.TEXT, b"x"), "TEXT [1 byte] 'x'"),
        (Frame(True, Opcode.TEXT, b""), "TEXT [0 bytes]"),
        (Frame(False, Opcode.TEXT, "café".encode()), "TEXT [continued, 5 bytes] 'café'"),
        (Frame(True, Opcode.CONT, b"lo"), "CONT [2 bytes] 'lo'"),
        (Frame(True, Opcode.CONT, b"\xa9 is half"), "CONT [9 bytes] a9 20 69 73 20 68 61 6c 66"),
        (Frame(True, Opcode.BINARY, b"\x00\xff"), "BINARY [2 bytes] 00 ff"),
        (Frame(True, Opcode.BINARY, b""), "BINARY [0 bytes]"),
        (Frame(True, Opcode.TEXT, b"x\x00\xc1", rsv1=True), "TEXT [rsv1, 3 bytes] 78 00 c1"),
        (
            Frame(False, Opcode.TEXT, b"", True, True, True),
            "TEXT [continued, rsv1, rsv2, rsv3, 0 bytes]",
        ),
        (Frame(True, Opcode.PING, b"ping"), "PING [4 bytes] 'ping'"),
        (Frame(True, Opcode.PONG, b"\xfe\xff"), "PONG [2 bytes] fe ff"),
        (Frame(True, Opcode.PING, b""), "PING [0 bytes]"),
    ],
)
def test_a_frame_reads_well(frame: Frame, shown: str) -> None:
    assert str(frame) == shown


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (b"\x03\xe9bye", "CLOSE [5 bytes] code = 1001 (going away), reason = bye"),
        (b"", "CLOSE [0 bytes] code = 1005 (no status code [internal]), no reason"),
        (b"\x03", "CLOSE [1 byte] close frame with a body of 1 byte"),
        (b"\x03\xee", "CLOSE [2 bytes] close code 1006 must not be sent"),
        (
            b"\x03\xe8\xff",
            "CLOSE [3 bytes] invalid UTF-8 in the reason of a close frame at byte 0",
        ),
    ],
)
def test_a_close_frame_shows_what_it_means(body: bytes, shown: str) -> None:
    assert str(Frame(True, Opcode.CLOSE, body)) == shown


def test_a_long_payload_is_cut() -> None:
    assert str(Frame(True, Opcode.TEXT, b"x" * 33)) == f"TEXT [33 bytes] '{'x' * 32}'…"
    assert str(Frame(True, Opcode.BINARY, bytes(33))) == f"BINARY [33 bytes] {bytes(32).hex(' ')}…"


def test_a_cut_does_not_halve_a_character() -> None:
    frame = Frame(True, Opcode.TEXT, ("x" * 31 + "é").encode())
    assert str(frame) == f"TEXT [33 bytes] '{'x' * 31}'…"


def test_a_long_payload_that_is_no_text_is_shown_in_hexadecimal() -> None:
    frame = Frame(True, Opcode.TEXT, b"\xff" * 40)
    assert str(frame) == f"TEXT [40 bytes] {' '.join(['ff'] * 32)}…"


def test_a_replacement_character_is_text() -> None:
    assert str(Frame(True, Opcode.TEXT, "a\ufffd".encode())) == "TEXT [4 bytes] 'a\ufffd'"


def test_control_characters_are_escaped_where_text_is_shown() -> None:
    shown = str(Frame(True, Opcode.TEXT, "\x1b[31m\r\n\u202e".encode()))
    assert shown == "TEXT [10 bytes] '\\x1b[31m\\r\\n\\u202e'"


def test_control_characters_are_escaped_in_the_reason_of_a_close_frame() -> None:
    shown = str(Frame(True, Opcode.CLOSE, b"\x03\xe8\x1b[31m\r\n"))
    assert shown == "CLOSE [9 bytes] code = 1000 (OK), reason = \\x1b[31m\\r\\n"


@pytest.mark.parametrize(("opcode", "text"), [(1, "TEXT [1 byte] 'a'"), (2, "BINARY [1 byte] 61")])
def test_an_opcode_may_be_a_plain_number(opcode: int, text: str) -> None:
    assert str(Frame(True, opcode, b"a")) == text  # type: ignore[arg-type]
