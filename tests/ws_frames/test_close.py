"""The body of a close frame, RFC 6455 §5.5.1 and §7.4."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import Close, CloseCode, InvalidUTF8, ProtocolError

BODIES = [
    (b"", 1005, ""),
    (b"\x03\xe8", 1000, ""),
    (b"\x03\xe9bye", 1001, "bye"),
    (b"\x03\xf4", 1012, ""),
    (b"\x03\xf5", 1013, ""),
    (b"\x03\xf6", 1014, ""),
    (b"\x0b\xb8", 3000, ""),
    (b"\x13\x87caf\xc3\xa9", 4999, "café"),
    (b"\x03\xe8" + b"x" * 123, 1000, "x" * 123),
    (b"\x03\xe8\x00", 1000, "\0"),
]

# §7.4.1 and §7.4.2: reserved, never on the wire, or not defined by any specification.
ILLEGAL = [0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65535]


@pytest.mark.parametrize(("body", "code", "reason"), BODIES)
def test_a_body_is_parsed(body: bytes, code: int, reason: str) -> None:
    assert Close.parse(body) == (code, reason)


@pytest.mark.parametrize(("body", "code", "reason"), BODIES)
def test_a_body_is_serialized(body: bytes, code: int, reason: str) -> None:
    assert Close(code, reason).serialize() == body


@pytest.mark.parametrize("code", ILLEGAL)
def test_a_code_that_may_not_be_on_the_wire_is_not_read(code: int) -> None:
    with pytest.raises(ProtocolError, match=f"^close code {code} must not be sent$"):
        Close.parse(code.to_bytes(2, "big"))


@pytest.mark.parametrize("code", [*ILLEGAL, -1, 70000])
def test_a_code_that_may_not_be_on_the_wire_is_not_written(code: int) -> None:
    with pytest.raises(ProtocolError, match=f"^close code {code} must not be sent$"):
        Close(code, "reason").serialize()


def test_a_code_is_a_number() -> None:
    code: Any = "going away"
    with pytest.raises(TypeError, match=r"^close code must be int, not str$"):
        Close(code).serialize()


def test_a_body_of_one_byte_is_refused() -> None:
    with pytest.raises(ProtocolError, match=r"^close frame with a body of 1 byte$"):
        Close.parse(b"\x03")


@pytest.mark.parametrize(
    ("reason", "position"), [(b"\xff", 0), (b"ab\xc3", 2), (b"a\xed\xa0\x80", 1)]
)
def test_a_reason_that_is_not_utf8_is_refused(reason: bytes, position: int) -> None:
    expected = f"^invalid UTF-8 in the reason of a close frame at byte {position}$"
    with pytest.raises(InvalidUTF8, match=expected):
        Close.parse(b"\x03\xe8" + reason)


@pytest.mark.parametrize("reason", ["x" * 124, "é" * 62])
def test_a_reason_that_does_not_fit_is_refused(reason: str) -> None:
    with pytest.raises(ProtocolError, match=r"^reason of 124 bytes in a close frame, at most 123"):
        Close(1000, reason).serialize()


def test_the_code_without_a_body_takes_no_reason() -> None:
    with pytest.raises(ProtocolError, match="1005"):
        Close(CloseCode.NO_STATUS_RCVD, "bye").serialize()


def test_a_close_reads_well() -> None:
    assert str(Close(1001, "bye")) == "code = 1001 (going away), reason = bye"
    assert str(Close(1005)) == "code = 1005 (no status code [internal]), no reason"


@given(
    st.one_of(st.integers(3000, 4999), st.sampled_from([1000, 1001, 1002, 1003, 1007, 1011])),
    st.text(max_size=30),
)
def test_what_was_written_is_read(code: int, reason: str) -> None:
    close = Close(code, reason)
    assert Close.parse(close.serialize()) == close


@given(st.binary(max_size=125))
def test_any_body_is_read_or_refused_and_what_is_read_is_written_alike(body: bytes) -> None:
    try:
        close = Close.parse(body)
    except ProtocolError:
        return
    assert close.serialize() == body
