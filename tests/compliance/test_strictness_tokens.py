"""What the strictness suite reads of a peer, and how that is compared with what is wanted."""

from __future__ import annotations

import struct

import pytest

from strictness.case import Case
from strictness.opening import ResponseReader, judge_request
from strictness.reader import FrameReader
from strictness.tokens import (
    EOF,
    Token,
    begins,
    closed,
    got_pong,
    got_text,
    in_words,
    matches,
    maybe,
)
from strictness.verdict import FAILED, NON_STRICT, OK, Result, judge
from strictness.wire import Frame, binary, close, cont, ping, pong, text

# Comparing


@pytest.mark.parametrize(
    ("tokens", "matching", "beginning"),
    [
        ([], False, True),
        ([Token("pong", b"1")], False, True),
        ([Token("pong", b"2")], False, True),
        ([Token("pong", b"2"), Token("close", 1000)], False, True),
        ([Token("pong", b"2"), Token("close", 1001), Token("end", "eof")], True, True),
        ([Token("pong", b"1"), Token("pong", b"2"), Token("close", 1000), Token("end", "eof")], True, True),
        ([Token("pong", b"1"), Token("close", 1000)], False, False),
        ([Token("pong", b"2"), Token("close", 1002)], False, False),
        ([Token("pong", b"2"), Token("close", 1000), Token("end", "reset")], False, False),
        ([Token("text", b"2")], False, False),
    ],
)  # fmt: skip
def test_what_came_is_compared_with_what_is_wanted(
    tokens: list[Token], matching: bool, beginning: bool
) -> None:
    wanted = (maybe(got_pong(b"1")), got_pong(b"2"), closed(1000, 1001), EOF)
    assert matches(wanted, tokens) is matching
    assert begins(wanted, tokens) is beginning


def test_being_late_is_not_strict() -> None:
    case = Case("a/b", "1", "why", (), strict=((got_text("a"),),), tolerated=((got_text("b"),),))
    assert judge(case, [Token("text", b"a")]) == Result("a/b", OK, "text 'a'")
    assert judge(case, [Token("text", b"a")], late=True).verdict == NON_STRICT
    assert judge(case, [Token("text", b"b")]).verdict == NON_STRICT
    assert judge(case, [Token("text", b"c")]).verdict == FAILED
    assert judge(case, []) == Result("a/b", FAILED, "nothing")


def test_many_tokens_are_told_shortly() -> None:
    same = [Token("text", b"x")] * 30
    assert in_words(same) == "30 x text 'x'"
    different = [Token("close", code) for code in range(30)]
    assert in_words(different).count("close") == 12
    assert "... 18 more ..." in in_words(different)
    assert in_words([Token("binary", bytes(100))]) == "binary of 100 bytes"


# Reading


def test_the_reader_takes_frames_in_any_pieces() -> None:
    frames = (
        text("a", fin=False),
        ping(b"p"),
        cont("b"),
        binary(b"x" * 70_000),
        pong(b""),
        close(4000, "r"),
    )
    data = b"".join(frame.encode(masked=True) for frame in frames)
    wanted = [
        Token("text", b"ab"),
        Token("binary", b"x" * 70_000),
        Token("pong", b""),
        Token("close", 4000),
    ]
    for size in (1, 1000, len(data)):
        reader = FrameReader(masked=True)
        pieces = [data[start : start + size] for start in range(0, len(data), size)]
        assert [token for piece in pieces for token in reader.feed(piece)] == wanted
        assert reader.pings == [b"p"]
        assert reader.end() == []


def test_the_reader_decompresses_only_what_was_agreed_on() -> None:
    data = text(bytes.fromhex("f248cdc9c90700"), rsv=4).encode(masked=False)
    assert FrameReader(masked=False, deflate=True).feed(data * 2) == [Token("text", b"Hello")] * 2
    assert FrameReader(masked=False).feed(data)[0].kind == "wrong"
    bad = text(b"\xff\xff", rsv=4).encode(masked=False)
    assert FrameReader(masked=False, deflate=True).feed(bad)[0].kind == "wrong"


def test_a_refusal_ends_where_its_body_does() -> None:
    reader = ResponseReader()
    head = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\n"
    assert reader.feed(head + b"ab") == [Token("http", 400)]
    assert not reader.refused
    assert reader.feed(b"c") == []
    assert (reader.refused, reader.will_close) == (True, False)
    chunked = ResponseReader()
    chunked.feed(
        b"HTTP/1.1 400 \r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n"
    )
    assert (chunked.refused, chunked.will_close) == (False, True)
    chunked.feed(b"0\r\n\r\n")
    assert chunked.refused
    cut = ResponseReader()
    cut.feed(head[:20])
    assert cut.end() == [Token("wrong", "the end of TCP inside a response")]


def test_a_request_is_judged_by_the_headers_that_a_case_names() -> None:
    head = b"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nB: 3"
    assert judge_request(head, ((":line", "GET / .*"), ("a", "[0-9]"), ("C", None)))[1] == []
    wanted = ((":line", "PUT .*"), ("A", "2"), ("A", None), ("B", "2"), ("C", ".*"))
    assert len(judge_request(head, wanted)[1]) == 5
    assert judge_request(b"GET / HTTP/1.1\r\nA 1", ())[1][0].kind == "wrong"


def test_a_frame_says_what_it_is_told_to_say() -> None:
    assert text("Hello").encode(masked=True) == bytes.fromhex("818537fa213d7f9f4d5158")
    assert text("Hello").encode(masked=False) == b"\x81\x05Hello"
    assert Frame(2, b"x", wrong_mask=True).encode(masked=True) == b"\x82\x01x"
    assert Frame(9, b"", fin=False, rsv=5, form=2).encode(masked=False) == b"\x59\x7e\x00\x00"
    assert Frame(2, length=2**63).encode(masked=False) == b"\x82\x7f" + struct.pack("!Q", 2**63)
