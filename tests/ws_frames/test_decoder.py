"""From frames that extensions made to messages, RFC 6455 §9."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ws_frames.ends import Whole
from ws_frames import (
    Connection,
    Data,
    Extension,
    Frame,
    InvalidUTF8,
    Opcode,
    PayloadTooBig,
    PolicyViolation,
    ProtocolError,
    Role,
)
from ws_frames.decoder import Decoder


class Repeating(Extension):
    """Repeat the payload, and clear a bit; note what is left of the limit."""

    def __init__(self, times: int = 1, bit: str = "rsv1") -> None:
        self.times = times
        self.bit = bit
        self.limits: list[int | None] = []

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        self.limits.append(max_size)
        cleared: dict[str, Any] = {self.bit: False}
        return frame._replace(data=frame.data * self.times, **cleared)


def frame(opcode: Opcode, data: bytes, *, fin: bool = True, rsv: str = "") -> Frame:
    return Frame(fin, opcode, data, **{f"rsv{n}": True for n in rsv})


TEXT, BINARY, CONT = Opcode.TEXT, Opcode.BINARY, Opcode.CONT


@pytest.mark.parametrize(
    ("frames", "message"),
    [
        ([frame(TEXT, b"ab")], "abab"),
        ([frame(BINARY, b"ab", rsv="1")], b"abab"),
        ([frame(TEXT, b"a", fin=False), frame(CONT, b"b")], "aabb"),
        (
            [
                frame(BINARY, b"a", fin=False, rsv="1"),
                frame(CONT, b"", fin=False),
                frame(CONT, b"b"),
            ],
            b"aabb",
        ),
    ],
)
def test_frames_are_decoded_and_joined(frames: list[Frame], message: Data) -> None:
    decoder = Decoder([Repeating(2)], max_size=None)
    *first, last = frames
    assert [decoder.decode(frame) for frame in first] == [None] * len(first)
    assert decoder.decode(last) == message
    assert decoder.decode(frame(BINARY, b"x")) == b"xx"


def test_extensions_are_undone_in_reverse_order() -> None:
    class Adding(Repeating):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            return frame._replace(data=frame.data + b"%d" % self.times)

    decoder = Decoder([Adding(1), Adding(2)], max_size=None)
    assert decoder.decode(frame(BINARY, b"")) == b"21"


def test_an_extension_is_told_what_is_left_of_the_limit() -> None:
    extension = Repeating(2)
    decoder = Decoder([extension], max_size=10)
    decoder.decode(frame(BINARY, b"abc", fin=False))
    decoder.decode(frame(CONT, b"de", fin=False))
    decoder.decode(frame(CONT, b""))
    decoder.decode(frame(BINARY, b""))
    assert extension.limits == [10, 4, 0, 10]


def test_no_limit_is_passed_on_as_none() -> None:
    extension = Repeating()
    Decoder([extension], max_size=None).decode(frame(BINARY, b"abc"))
    assert extension.limits == [None]


def test_a_message_may_fill_the_limit_and_not_more() -> None:
    decoder = Decoder([Repeating(2)], max_size=6)
    assert decoder.decode(frame(BINARY, b"abc")) == b"abcabc"
    with pytest.raises(PayloadTooBig, match=r"^message of 8 bytes or more, at most 6 allowed$"):
        decoder.decode(frame(BINARY, b"abcd"))


def test_fragments_together_may_fill_the_limit_and_not_more() -> None:
    decoder = Decoder([Repeating(2)], max_size=6)
    decoder.decode(frame(TEXT, b"ab", fin=False))
    decoder.decode(frame(CONT, b"c", fin=False))
    with pytest.raises(PayloadTooBig, match=r"^message of 8 bytes or more, at most 6 allowed$"):
        decoder.decode(frame(CONT, b"d"))


@pytest.mark.parametrize(("rsv", "bits"), [("1", "100"), ("2", "010"), ("3", "001"), ("13", "101")])
def test_bits_that_no_extension_cleared_are_refused(rsv: str, bits: str) -> None:
    decoder = Decoder([], max_size=None)
    with pytest.raises(ProtocolError, match=f"^reserved bits {bits} in a TEXT frame$"):
        decoder.decode(frame(TEXT, b"", rsv=rsv))


def test_bits_are_checked_after_all_extensions() -> None:
    decoder = Decoder([Repeating(bit="rsv1"), Repeating(bit="rsv2")], max_size=None)
    assert decoder.decode(frame(TEXT, b"a", rsv="12")) == "a"


@pytest.mark.parametrize(
    "frames",
    [
        [frame(TEXT, b"a\xff")],
        [frame(TEXT, b"a", fin=False), frame(CONT, b"\xff", fin=False)],
        [frame(TEXT, b"a", fin=False), frame(CONT, b"\xc3")],
    ],
)
def test_text_is_judged_after_decoding(frames: list[Frame]) -> None:
    decoder = Decoder([], max_size=None)
    for piece in frames[:-1]:
        decoder.decode(piece)
    with pytest.raises(InvalidUTF8, match=r"^invalid UTF-8 in a text message at byte 1$"):
        decoder.decode(frames[-1])


class Numbering:
    """An extension with no more than the methods, that makes frames with plain numbers."""

    name = "numbering"

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        return Frame(frame.fin, int(frame.opcode), frame.data)  # type: ignore[arg-type]

    def encode(self, frame: Frame) -> Frame:
        return frame


def test_an_extension_may_make_frames_with_plain_numbers() -> None:
    decoder = Decoder([Numbering()], max_size=None)  # type: ignore[list-item]
    assert decoder.decode(frame(TEXT, b"a")) == "a"
    assert decoder.decode(frame(BINARY, b"a")) == b"a"
    assert decoder.decode(frame(TEXT, b"a", fin=False)) is None
    assert decoder.decode(frame(CONT, b"b")) == "ab"


@pytest.mark.parametrize("role", list(Role))
def test_an_extension_needs_no_more_than_its_methods(role: Role) -> None:
    connection = Connection(role, extensions=[Numbering()])  # type: ignore[list-item]
    other = Connection(list(Role)[role is Role.CLIENT], extensions=[])
    connection.receive_data(other.send_message("a"))
    assert connection.next_event() == "a"
    other.receive_data(connection.send_message("b"))
    assert other.next_event() == "b"


def test_a_continuation_is_no_message_of_its_own_whatever_bits_it_has() -> None:
    extension = Whole()
    decoder = Decoder([extension], max_size=None)
    assert decoder.decode(frame(TEXT, b"ab", fin=False, rsv="1")) is None
    assert decoder.decode(frame(CONT, b"cd", rsv="1")) == "badc"
    assert extension.received == []


# Limits


@pytest.mark.parametrize("max_size", [None, 2])
def test_a_message_that_is_decoded_as_a_whole_may_fill_the_limit(max_size: int | None) -> None:
    extension = Whole()
    decoder = Decoder([extension], max_size=max_size)
    assert decoder.decode(frame(BINARY, b"ab", rsv="1")) == b"ba"
    assert extension.received == [(b"ab", max_size)]


def test_fragments_that_come_to_nothing_are_counted_as_empty_ones_are() -> None:
    decoder = Decoder([Repeating(0)], max_size=None)
    decoder.decode(frame(Opcode.TEXT, b"a", fin=False, rsv="1"))
    for _ in range(999):
        assert decoder.decode(frame(Opcode.CONT, b"a", fin=False, rsv="1")) is None
    with pytest.raises(PolicyViolation, match=r"^more than 1000 empty fragments in a row$"):
        decoder.decode(frame(Opcode.CONT, b"a", fin=False, rsv="1"))


def test_what_comes_to_something_ends_the_row() -> None:
    extension = Repeating(0)
    decoder = Decoder([extension], max_size=None)
    decoder.decode(frame(Opcode.TEXT, b"a", fin=False, rsv="1"))
    for _ in range(3):
        for extension.times in [0] * 998 + [1]:
            decoder.decode(frame(Opcode.CONT, b"a", fin=False, rsv="1"))
    extension.times = 0
    assert decoder.decode(frame(Opcode.CONT, b"a", rsv="1")) == "aaa"
    for _ in range(1000):
        decoder.decode(frame(Opcode.CONT, b"a", fin=False, rsv="1"))


def test_a_limit_that_is_less_than_what_is_there_leaves_nothing() -> None:
    extension = Repeating()
    decoder = Decoder([extension], max_size=10)
    decoder.decode(frame(Opcode.BINARY, b"x" * 8, fin=False, rsv="1"))
    decoder.max_size = 5
    with pytest.raises(PayloadTooBig, match="message of 8 bytes or more, at most 5 allowed"):
        decoder.decode(frame(Opcode.CONT, b"", rsv="1"))
    assert extension.limits == [10, 0]


@pytest.mark.parametrize("error", [ProtocolError("no"), PayloadTooBig("no"), InvalidUTF8("no")])
def test_a_frame_that_can_not_be_decoded_is_given_back(error: Exception) -> None:
    class Failing(Repeating):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            self.limits.append(max_size)
            raise error

    extension = Failing()
    decoder = Decoder([extension], max_size=7)
    wrong = frame(TEXT, b"a")
    assert decoder.try_decode(wrong) is wrong
    assert error.__traceback__ is None
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            decoder.decode(wrong)
        assert caught.value is error
    assert extension.limits == [7]  # it was asked once


def test_what_an_extension_does_wrong_keeps_its_traceback() -> None:
    class Broken(Repeating):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            raise RuntimeError("broken")

    decoder = Decoder([Broken()], max_size=None)
    wrong = frame(TEXT, b"a")
    assert decoder.try_decode(wrong) is wrong
    with pytest.raises(RuntimeError, match="broken") as caught:
        decoder.decode(wrong)
    assert "decode" in [entry.name for entry in caught.traceback]
    assert caught.traceback[-1].path == caught.traceback[0].path  # this file


def test_what_interrupts_is_raised() -> None:
    class Interrupted(Repeating):
        def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
            raise KeyboardInterrupt

    decoder = Decoder([Interrupted()], max_size=None)
    with pytest.raises(KeyboardInterrupt):
        decoder.try_decode(frame(TEXT, b"a"))


def test_frames_that_can_be_decoded_are() -> None:
    decoder = Decoder([Repeating(2)], max_size=None)
    assert decoder.try_decode(frame(TEXT, b"a")) == "aa"
    assert decoder.try_decode(frame(TEXT, b"a", fin=False)) is None
    assert decoder.try_decode(frame(CONT, b"b")) == "aabb"
