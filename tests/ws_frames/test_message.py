"""A message as it grows, RFC 6455 §5.4 and §8.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_frames import InvalidUTF8, Opcode
from ws_frames.message import MessageBuffer, decode_text


def test_binary_is_joined() -> None:
    message = MessageBuffer(Opcode.BINARY)
    for piece in (b"a", b"", b"\xff", b"bc"):
        message.add(piece)
    assert len(message) == 4
    assert message.finish() == b"a\xffbc"
    assert type(message.finish()) is bytes


def test_text_is_joined() -> None:
    message = MessageBuffer(Opcode.TEXT)
    for piece in (b"a", b"\xc3", b"", b"\xa9", b"b"):
        message.add(piece)
    assert len(message) == 4
    assert message.finish() == "aéb"


def test_a_message_may_be_empty() -> None:
    assert MessageBuffer(Opcode.TEXT).finish() == ""
    assert MessageBuffer(Opcode.BINARY).finish() == b""


@pytest.mark.parametrize(
    ("pieces", "position"),
    [
        ([b"\xff"], 0),
        ([b"ab", b"c\xff"], 3),
        ([b"a\xc3", b"b"], 1),
        ([b"a\xe2", b"\x82", b"\xc3"], 1),
        ([b"\xf0\x9f", b"\x98\x80\x80"], 4),
        ([b"\xed\xa0"], 0),
        ([b"abc\xed", b"\xbf"], 3),
        ([b"\xc3\xa9\xed\xa0\x80"], 2),
    ],
)
def test_text_fails_in_the_piece_that_makes_it_invalid(pieces: list[bytes], position: int) -> None:
    message = MessageBuffer(Opcode.TEXT)
    for piece in pieces[:-1]:
        message.add(piece)
    with pytest.raises(InvalidUTF8, match=f"^invalid UTF-8 in a text message at byte {position}$"):
        message.add(pieces[-1])


@pytest.mark.parametrize(("data", "position"), [(b"a\xc3", 1), (b"\xed\x9f", 0)])
def test_text_fails_at_its_end_where_that_is_inside_a_character(data: bytes, position: int) -> None:
    message = MessageBuffer(Opcode.TEXT)
    message.add(data)
    with pytest.raises(InvalidUTF8, match=f"at byte {position}$"):
        message.finish()


def test_text_in_one_piece_is_decoded() -> None:
    assert decode_text("né😀".encode()) == "né😀"
    with pytest.raises(InvalidUTF8, match=r"^invalid UTF-8 in a text message at byte 1$") as info:
        decode_text(b"a\xff")
    assert info.value.__context__ is None  # it would hold the data


@given(st.binary(max_size=40), st.lists(st.integers(0, 40), max_size=5))
def test_pieces_make_the_text_that_they_make_together(data: bytes, places: list[int]) -> None:
    message = MessageBuffer(Opcode.TEXT)
    ends = sorted(places)
    try:
        for start, end in zip([0, *ends], [*ends, len(data)]):
            message.add(data[start:end])
        found = message.finish()
    except InvalidUTF8 as exc:
        found = str(exc)
    try:
        expected = decode_text(data)
    except InvalidUTF8 as exc:
        expected = str(exc)
    assert found == expected
