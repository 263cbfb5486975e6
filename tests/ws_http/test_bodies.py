"""The body of a response that refuses the handshake, RFC 7230 §3.3."""

from __future__ import annotations

import time
from typing import Callable

import pytest

from ws_http import Headers, Response
from ws_http.bodies import MAX_CHUNK_LINE, Body, ChunkedBody, body_of

Cut = Callable[[bytes], "list[bytes]"]

CHUNKED = {"Transfer-Encoding": "chunked"}

#: Status, headers, what follows them, and the body of it that is complete.
COMPLETE: dict[str, tuple[int, dict[str, str], bytes, bytes]] = {
    "a length": (403, {"Content-Length": "5"}, b"12345", b"12345"),
    "bytes behind a length": (403, {"Content-Length": "5"}, b"12345678", b"12345"),
    "length zero": (403, {"Content-Length": "0"}, b"", b""),
    "a length over the limit": (403, {"Content-Length": "100"}, b"1234567890abc", b"1234567890"),
    "a length that is no number": (403, {"Content-Length": "+5"}, b"12345", b""),
    "a list of lengths": (403, {"Content-Length": "5, 5"}, b"12345", b""),
    "no framing, over the limit": (403, {}, b"1234567890abc", b"1234567890"),
    "status 204": (204, {"Content-Length": "5"}, b"12345", b""),
    "status 304": (304, {"Content-Length": "5"}, b"12345", b""),
    "status 101": (101, {"Content-Length": "5"}, b"12345", b""),
    "chunks": (403, CHUNKED, b"3\r\n123\r\n2\r\n45\r\n0\r\n\r\n", b"12345"),
    "no chunks": (403, CHUNKED, b"0\r\n\r\n", b""),
    "upper case": (
        403,
        {"Transfer-Encoding": "Chunked"},
        b"A\r\n1234567890\r\n0\r\n\r\n",
        b"1234567890",
    ),
    "chunk extensions": (403, CHUNKED, b'3;a="b"\r\n123\r\n0 ;c\r\n\r\n', b"123"),
    "zeros before a size": (403, CHUNKED, b"0003\r\n123\r\n000\r\n\r\n", b"123"),
    "trailers": (403, CHUNKED, b"3\r\n123\r\n0\r\nA: 1\r\n\r\n", b"123"),
    "chunks win over a length": (
        403,
        {**CHUNKED, "Content-Length": "1"},
        b"2\r\n12\r\n0\r\n",
        b"12",
    ),
    "a chunk over the limit": (403, CHUNKED, b"ff\r\n1234567890abc", b"1234567890"),
    "chunks over the limit": (403, CHUNKED, b"6\r\n123456\r\n6\r\n7890ab\r\n", b"1234567890"),
    "a size that is none": (403, CHUNKED, b"3\r\n123\r\n+3\r\n456\r\n", b"123"),
    "a size with 0x": (403, CHUNKED, b"0x3\r\n123\r\n", b""),
    "an empty size": (403, CHUNKED, b"\r\n", b""),
    "a size that is too long": (403, CHUNKED, b"0" * 16 + b"3\r\n123\r\n", b""),
    "a size line that does not end": (403, CHUNKED, b"3;" + b"a" * MAX_CHUNK_LINE, b""),
    "LF behind a size": (403, CHUNKED, b"3\n123\n", b""),
}

#: The same, of a body that is not complete.
INCOMPLETE: dict[str, tuple[int, dict[str, str], bytes, bytes]] = {
    "a length": (403, {"Content-Length": "5"}, b"1234", b"1234"),
    "no framing": (403, {}, b"123", b"123"),
    "another coding": (403, {"Transfer-Encoding": "gzip"}, b"123", b"123"),
    "two codings": (403, {"Transfer-Encoding": "gzip, chunked"}, b"1\r\n2", b"1\r\n2"),
    "another coding and a length": (
        403,
        {"Transfer-Encoding": "x", "Content-Length": "1"},
        b"12",
        b"12",
    ),
    "half a chunk": (403, CHUNKED, b"3\r\n12", b"12"),
    "half a size": (403, CHUNKED, b"3\r\n123\r\n3", b"123"),
    "half a line end": (403, CHUNKED, b"3\r\n123\r", b"123"),
    "no last chunk": (403, CHUNKED, b"3\r\n123\r\n", b"123"),
}


def read(status: int, headers: dict[str, str], pieces: list[bytes]) -> Body:
    body = body_of(Response(status, "", Headers(headers)), 10)
    for piece in pieces:
        if not body.complete:
            body.receive_data(piece)
    return body


@pytest.mark.parametrize(("status", "headers", "data", "content"), COMPLETE.values(), ids=COMPLETE)
def test_a_body_is_complete(
    status: int, headers: dict[str, str], data: bytes, content: bytes, cut: Cut
) -> None:
    body = read(status, headers, cut(data))
    assert body.complete
    assert body.content == content


@pytest.mark.parametrize(
    ("status", "headers", "data", "content"), INCOMPLETE.values(), ids=INCOMPLETE
)
def test_a_body_is_not_complete(
    status: int, headers: dict[str, str], data: bytes, content: bytes, cut: Cut
) -> None:
    body = read(status, headers, cut(data))
    assert not body.complete
    assert body.content == content


def test_two_lengths_are_none() -> None:
    headers = Headers([("Content-Length", "5"), ("Content-Length", "5")])
    assert body_of(Response(403, "", headers), 10).complete


def test_data_in_many_small_chunks_takes_linear_time() -> None:
    body = ChunkedBody(200_000)
    start = time.perf_counter()
    body.receive_data(b"1\r\na\r\n" * 100_000)
    assert body.content == b"a" * 100_000
    assert time.perf_counter() - start < 2
