"""Parsers of the heads of requests and responses, RFC 7230 §3."""

from __future__ import annotations

import time
from typing import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import (
    DEFAULT_LIMITS,
    Headers,
    InvalidHandshake,
    InvalidMessage,
    Limits,
    Request,
    RequestParser,
    Response,
    ResponseParser,
    SecurityError,
    TargetTooLong,
)
from ws_http.parser import HeadParser

Cut = Callable[[bytes], "list[bytes]"]

SMALL = Limits(line=20, headers=3, total=76)

REQUESTS: dict[str, tuple[bytes, Request]] = {
    "the example of RFC 6455 §1.2": (
        (
            b"GET /chat HTTP/1.1\r\n"
            b"Host: server.example.com\r\n"
            b"Upgrade: websocket\r\n"
            b"Connection: Upgrade\r\n"
            b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            b"Origin: http://example.com\r\n"
            b"Sec-WebSocket-Protocol: chat, superchat\r\n"
            b"Sec-WebSocket-Version: 13\r\n"
            b"\r\n"
        ),
        Request(
            "GET",
            "/chat",
            Headers(
                {
                    "Host": "server.example.com",
                    "Upgrade": "websocket",
                    "Connection": "Upgrade",
                    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
                    "Origin": "http://example.com",
                    "Sec-WebSocket-Protocol": "chat, superchat",
                    "Sec-WebSocket-Version": "13",
                }
            ),
        ),
    ),
    "no headers": (b"GET / HTTP/1.1\r\n\r\n", Request("GET", "/", Headers())),
    "an empty line first": (b"\r\nGET / HTTP/1.1\r\n\r\n", Request("GET", "/", Headers())),
    "HTTP/1.0": (b"GET / HTTP/1.0\r\n\r\n", Request("GET", "/", Headers(), (1, 0))),
    "a later version": (b"GET / HTTP/1.2\r\n\r\n", Request("GET", "/", Headers(), (1, 2))),
    "another method": (b"M-SEARCH * HTTP/1.1\r\n\r\n", Request("M-SEARCH", "*", Headers())),
    "a query": (b"GET /a?b=/c?d HTTP/1.1\r\n\r\n", Request("GET", "/a?b=/c?d", Headers())),
    "absolute form": (b"GET http://h:1/a?b HTTP/1.1\r\n\r\n", Request("GET", "/a?b", Headers())),
    "absolute form, no path": (b"GET WSS://h HTTP/1.1\r\n\r\n", Request("GET", "/", Headers())),
    "absolute form, only a query": (
        b"GET https://h?b HTTP/1.1\r\n\r\n",
        Request("GET", "/?b", Headers()),
    ),
    "another scheme": (b"GET ftp://h/ HTTP/1.1\r\n\r\n", Request("GET", "ftp://h/", Headers())),
    "bytes over 127": (
        b"GET /\xc3\xa9 HTTP/1.1\r\nA: \xc3\xa9\r\n\r\n",
        Request("GET", "/\xc3\xa9", Headers(A="\xc3\xa9")),
    ),
    "white space around values": (
        b"GET / HTTP/1.1\r\nA:1\r\nB: \t 2 3\t \r\nC:\r\nD: \r\n\r\n",
        Request("GET", "/", Headers(A="1", B="2 3", C="", D="")),
    ),
    "repeated headers": (
        b"GET / HTTP/1.1\r\nA: 1\r\na: 2\r\nX-New: :\r\n\r\n",
        Request("GET", "/", Headers([("A", "1"), ("a", "2"), ("X-New", ":")])),
    ),
}

BAD_REQUESTS: dict[str, tuple[bytes, str]] = {
    "two empty lines first": (b"\r\n\r\nGET / HTTP/1.1\r\n\r\n", "malformed request line"),
    "an empty line that ends with LF": (
        b"\nGET / HTTP/1.1\r\n\r\n",
        "request line ends without a carriage return",
    ),
    "a space in an empty line": (b" \r\nGET / HTTP/1.1\r\n\r\n", "malformed request line"),
    "two words": (b"GET /\r\n\r\n", "malformed request line"),
    "four words": (b"GET / / HTTP/1.1\r\n\r\n", "malformed request line"),
    "two spaces": (b"GET  / HTTP/1.1\r\n\r\n", "malformed request line"),
    "a tab": (b"GET\t/ HTTP/1.1\r\n\r\n", "malformed request line"),
    "a space at the end": (b"GET / HTTP/1.1 \r\n\r\n", "malformed request line"),
    "a space at the start": (b" GET / HTTP/1.1\r\n\r\n", "malformed request line"),
    "lower-case http": (b"GET / http/1.1\r\n\r\n", "malformed request line"),
    "no minor version": (b"GET / HTTP/1\r\n\r\n", "malformed request line"),
    "a long version": (b"GET / HTTP/1.10\r\n\r\n", "malformed request line"),
    "a method that is no token": (b"G(T / HTTP/1.1\r\n\r\n", "malformed request line"),
    "a method over 127": (b"G\xc9T / HTTP/1.1\r\n\r\n", "malformed request line"),
    "NUL in the target": (b"GET /\0 HTTP/1.1\r\n\r\n", "malformed request line"),
    "DEL in the target": (b"GET /\x7f HTTP/1.1\r\n\r\n", "malformed request line"),
    "CR in the target": (b"GET /\r HTTP/1.1\r\n\r\n", "malformed request line"),
    "TLS": (
        b"\x16\x03\x01\x02\x00\x01\r\n",
        "malformed request line; it is TLS that arrives, as from a wss:// URI",
    ),
    "TLS with LF": (
        b"\x16\x03\x01\x02\x00\x01\n",
        "request line ends without a carriage return; it is TLS that arrives, as from a wss:// URI",
    ),
    "HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "unsupported HTTP version: 2.0"),
    "HTTP/0.9": (b"GET / HTTP/0.9\r\n\r\n", "unsupported HTTP version: 0.9"),
    "LF": (b"GET / HTTP/1.1\n\n", "request line ends without a carriage return"),
    "LF alone": (b"\n", "request line ends without a carriage return"),
    "LF at the end of a header": (
        b"GET / HTTP/1.1\r\nA: 1\nB: 2\r\n\r\n",
        "header line 1 ends without a carriage return",
    ),
    "LF at the end of all": (
        b"GET / HTTP/1.1\r\nA: 1\r\n\n",
        "header line 2 ends without a carriage return",
    ),
    "CR in a header": (b"GET / HTTP/1.1\r\nA: 1\rB: 2\r\n\r\n", "malformed header line 1"),
    "two CR": (b"GET / HTTP/1.1\r\nA: 1\r\r\n\r\n", "malformed header line 1"),
    "NUL in a header": (b"GET / HTTP/1.1\r\nA: 1\r\nB: \0\r\n\r\n", "malformed header line 2"),
    "ESC in a header": (b"GET / HTTP/1.1\r\nA: \x1b\r\n\r\n", "malformed header line 1"),
    "a folded header": (b"GET / HTTP/1.1\r\nA: 1\r\n 2\r\n\r\n", "malformed header line 2"),
    "a header folded with a tab": (
        b"GET / HTTP/1.1\r\nA: 1\r\n\t2\r\n\r\n",
        "malformed header line 2",
    ),
    "a space before the first header": (
        b"GET / HTTP/1.1\r\n A: 1\r\n\r\n",
        "malformed header line 1",
    ),
    "a space before the colon": (b"GET / HTTP/1.1\r\nA : 1\r\n\r\n", "malformed header line 1"),
    "a tab before the colon": (b"GET / HTTP/1.1\r\nA\t: 1\r\n\r\n", "malformed header line 1"),
    "no name": (b"GET / HTTP/1.1\r\n: 1\r\n\r\n", "malformed header line 1"),
    "no colon": (b"GET / HTTP/1.1\r\nA\r\n\r\n", "malformed header line 1"),
    "a name over 127": (b"GET / HTTP/1.1\r\n\xc3\xa9: 1\r\n\r\n", "malformed header line 1"),
}

RESPONSES: dict[str, tuple[bytes, Response]] = {
    "the example of RFC 6455 §1.2": (
        (
            b"HTTP/1.1 101 Switching Protocols\r\n"
            b"Upgrade: websocket\r\n"
            b"Connection: Upgrade\r\n"
            b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            b"Sec-WebSocket-Protocol: chat\r\n"
            b"\r\n"
        ),
        Response(
            101,
            "Switching Protocols",
            Headers(
                {
                    "Upgrade": "websocket",
                    "Connection": "Upgrade",
                    "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
                    "Sec-WebSocket-Protocol": "chat",
                }
            ),
        ),
    ),
    "no phrase": (b"HTTP/1.1 200 \r\n\r\n", Response(200, "", Headers())),
    "no space either": (b"HTTP/1.1 200\r\n\r\n", Response(200, "", Headers())),
    "a phrase over 127": (b"HTTP/1.1 200 \xe9\t!\r\n\r\n", Response(200, "é\t!", Headers())),
    "HTTP/1.0": (b"HTTP/1.0 599 x\r\n\r\n", Response(599, "x", Headers(), b"", (1, 0))),
    "after interim responses": (
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nA: 1\r\n\r\n"
            b"HTTP/1.1 404 Not Found\r\nB: 2\r\n\r\n"
        ),
        Response(404, "Not Found", Headers(B="2")),
    ),
}

BAD_RESPONSES: dict[str, tuple[bytes, str]] = {
    "an empty line first": (b"\r\nHTTP/1.1 200 OK\r\n\r\n", "malformed status line"),
    "SSH": (b"SSH-2.0-OpenSSH_9.2p1\r\n", "malformed status line"),
    "an alert of TLS": (
        b"\x15\x03\x03\x00\x02\r\n",
        "malformed status line; the server speaks TLS there, use a wss:// URI",
    ),
    "status 099": (b"HTTP/1.1 099 x\r\n\r\n", "malformed status line"),
    "status 600": (b"HTTP/1.1 600 x\r\n\r\n", "malformed status line"),
    "status +10": (b"HTTP/1.1 +10 x\r\n\r\n", "malformed status line"),
    "status 1_1": (b"HTTP/1.1 1_1 x\r\n\r\n", "malformed status line"),
    "four digits": (b"HTTP/1.1 1010 x\r\n\r\n", "malformed status line"),
    "NUL in the phrase": (b"HTTP/1.1 200 \0\r\n\r\n", "malformed status line"),
    "no minor version": (b"HTTP/2 200\r\n\r\n", "malformed status line"),
    "HTTP/2.0": (b"HTTP/2.0 200 OK\r\n\r\n", "unsupported HTTP version: 2.0"),
    "LF": (b"HTTP/1.1 200 OK\n\n", "status line ends without a carriage return"),
    "a folded header": (b"HTTP/1.1 200 OK\r\nA: 1\r\n 2\r\n\r\n", "malformed header line 2"),
    "a space before the colon": (
        b"HTTP/1.1 101 OK\r\nA : 1\r\n\r\n",
        "malformed header line 1",
    ),
    "a bad line after an interim response": (
        b"HTTP/1.1 100 \r\nA: 1\r\n\r\nHTTP/1.1\r\n",
        "malformed status line",
    ),
}

#: What is at a limit, and one byte or one header over it, of SMALL.
LIMITS: dict[str, tuple[bytes, bytes, str]] = {
    "request line": (
        b"GET /123456 HTTP/1.1\r\n\r\n",
        b"GET /1234567 HTTP/1.1\r\n\r\n",
        "request line over 20 bytes",
    ),
    "header line": (
        b"GET / HTTP/1.1\r\nA: 12345678901234567\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: 123456789012345678\r\n\r\n",
        "header line over 20 bytes",
    ),
    "number of headers": (
        b"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: 1\r\nB: 2\r\nC: 3\r\nD: 4\r\n\r\n",
        "over 3 headers",
    ),
    "all": (
        b"GET / HTTP/1.1\r\nA: 123456789012345\r\nB: 123456789012345\r\nC: 1234567890123\r\n\r\n",
        b"GET / HTTP/1.1\r\nA: 123456789012345\r\nB: 123456789012345\r\nC: 12345678901234\r\n\r\n",
        "over 76 bytes of headers",
    ),
}


def feed(parser: HeadParser[Request] | HeadParser[Response], pieces: list[bytes]) -> None:
    for piece in pieces:
        parser.receive_data(piece)


@pytest.mark.parametrize(("data", "request_"), REQUESTS.values(), ids=REQUESTS)
@pytest.mark.parametrize("behind", [b"", b"\x81\x80\0\0\0\0", b"\r\n", b"GET / HTTP/1.1\r\n\r\n"])
def test_a_request_is_read(data: bytes, request_: Request, behind: bytes, cut: Cut) -> None:
    parser = RequestParser()
    pieces = cut(data + behind)
    feed(parser, pieces)
    assert parser.message == request_
    assert parser.message is not None
    assert list(parser.message.headers.raw_items()) == list(request_.headers.raw_items())
    assert parser.trailing == behind


@pytest.mark.parametrize(("data", "response"), RESPONSES.values(), ids=RESPONSES)
@pytest.mark.parametrize("behind", [b"", b"\x81\x00", b"HTTP/1.1 200 OK\r\n\r\n"])
def test_a_response_is_read(data: bytes, response: Response, behind: bytes, cut: Cut) -> None:
    parser = ResponseParser()
    feed(parser, cut(data + behind))
    assert parser.message == response
    assert parser.trailing == behind


@pytest.mark.parametrize(("data", "error"), BAD_REQUESTS.values(), ids=BAD_REQUESTS)
def test_a_bad_request_is_refused(data: bytes, error: str, cut: Cut) -> None:
    parser = RequestParser()
    with pytest.raises(InvalidMessage) as caught:
        feed(parser, cut(data))
    assert str(caught.value) == error
    assert parser.message is None


@pytest.mark.parametrize(("data", "error"), BAD_RESPONSES.values(), ids=BAD_RESPONSES)
def test_a_bad_response_is_refused(data: bytes, error: str, cut: Cut) -> None:
    parser = ResponseParser()
    with pytest.raises(InvalidMessage) as caught:
        feed(parser, cut(data))
    assert str(caught.value) == error
    assert parser.message is None


@pytest.mark.parametrize(("data", "request_"), REQUESTS.values(), ids=REQUESTS)
def test_a_request_is_not_complete_before_its_last_byte(data: bytes, request_: Request) -> None:
    parser = RequestParser()
    for pos in range(len(data)):
        assert parser.message is None
        assert parser.trailing == b""
        parser.receive_data(data[pos : pos + 1])
    assert parser.message == request_


@pytest.mark.parametrize(("at", "over", "error"), LIMITS.values(), ids=LIMITS)
def test_a_request_may_be_at_a_limit_and_not_over(
    at: bytes, over: bytes, error: str, cut: Cut
) -> None:
    parser = RequestParser(SMALL)
    feed(parser, cut(at + b"x" * 100))
    assert parser.message is not None
    with pytest.raises(SecurityError) as caught:
        feed(RequestParser(SMALL), cut(over))
    assert str(caught.value) == error
    assert isinstance(caught.value, TargetTooLong) == ("request line" in error)


@pytest.mark.parametrize(
    "data",
    [
        b"x" * 22,
        b"GET / HTTP/1.1\r\n" + b"x" * 22,
        b"\0" * 10_000,
        b"GET / HTTP/1.1\r\nA: 1\r\n" + b" " * 22,
    ],
)
def test_a_line_that_does_not_end_is_refused_once_it_is_too_long(data: bytes, cut: Cut) -> None:
    parser = RequestParser(SMALL)
    with pytest.raises(SecurityError, match="line over 20 bytes"):
        feed(parser, cut(data + b"x"))


def test_a_status_line_has_a_limit_too() -> None:
    with pytest.raises(SecurityError, match="status line over 20 bytes") as caught:
        ResponseParser(SMALL).receive_data(b"HTTP/1.1 200 123456789\r\n")
    assert not isinstance(caught.value, TargetTooLong)


def test_the_limit_of_all_may_be_less_than_that_of_a_line(cut: Cut) -> None:
    data = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    parser = RequestParser(Limits(line=100, headers=3, total=len(data)))
    feed(parser, cut(data))
    assert parser.message is not None
    with pytest.raises(SecurityError, match=r"of headers$"):
        feed(RequestParser(Limits(line=100, headers=3, total=len(data) - 1)), cut(data))


def test_interim_responses_have_a_limit_together(cut: Cut) -> None:
    with pytest.raises(SecurityError, match="over 76 bytes of headers"):
        feed(ResponseParser(SMALL), cut(b"HTTP/1.1 100 \r\n\r\n" * 5))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", "connection closed after 0 bytes, while reading the request line"),
        (b"GET /", "connection closed after 5 bytes, while reading the request line"),
        (b"GET / HTTP/1.1\r\n", "connection closed after 16 bytes, while reading the headers"),
        (
            b"GET / HTTP/1.1\r\nA: 1\r\n\r",
            "connection closed after 23 bytes, while reading the headers",
        ),
    ],
)
def test_the_end_of_the_connection_says_what_was_missing(data: bytes, error: str) -> None:
    parser = RequestParser()
    parser.receive_data(data)
    assert str(parser.eof_error()) == error


NO_ANSWER = "connection closed after {} bytes, while reading the status line"


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", "; if the server expects TLS, use a wss:// URI"),
        (b"\x15\x03\x01\0\2\2\x46", "; the server speaks TLS there, use a wss:// URI"),
        (b"\0\0\x12\4\0\0\0\0\0", "; the server speaks HTTP/2 only there"),
        (b"HTTP/1.1 200", ""),
    ],
)
def test_the_end_of_the_connection_says_what_it_was_instead(data: bytes, hint: str) -> None:
    parser = ResponseParser()
    parser.receive_data(data)
    assert str(parser.eof_error()) == NO_ANSWER.format(len(data)) + hint


@pytest.mark.parametrize(
    ("data", "hint"),
    [
        (b"", ""),
        (b"\x15\x03\x01\0\2\2\x46", ""),
        (b"\0\0\x12\4\0\0\0\0\0", "; the server speaks HTTP/2 only there"),
    ],
)
def test_who_has_tls_is_not_told_to_use_it(data: bytes, hint: str) -> None:
    parser = ResponseParser(secure=True)
    parser.receive_data(data)
    assert str(parser.eof_error()) == NO_ANSWER.format(len(data)) + hint


def test_what_comes_behind_a_status_line_is_no_other_protocol() -> None:
    parser = ResponseParser()
    parser.receive_data(b"HTTP/1.1 100 \r\n")
    assert str(parser.eof_error()) == (
        "connection closed after 15 bytes, while reading the headers"
    )


def test_any_bytes_like_is_taken() -> None:
    parser = RequestParser()
    parser.receive_data(bytearray(b"GET / HT"))
    parser.receive_data(memoryview(b"TP/1.1\r\n\r\n"))
    assert parser.message == Request("GET", "/", Headers())


def test_more_data_goes_behind_the_request() -> None:
    parser = RequestParser()
    parser.receive_data(b"GET / HTTP/1.1\r\n\r\n1")
    parser.receive_data(b"2\n3")
    assert parser.trailing == b"12\n3"


@pytest.mark.parametrize("behind", ["HEAD /b HTTP/1.1\r\n\r\n", "GET /c HTTP/1.1\r\nX: y\r\n\r\n"])
def test_a_head_that_comes_by_itself_goes_behind_the_request(behind: str) -> None:
    parser = RequestParser()
    parser.receive_data(b"GET /a HTTP/1.1\r\n\r\n")
    parser.receive_data(behind.encode())
    parser.receive_data(b"more")
    assert parser.message == Request("GET", "/a", Headers())
    assert parser.trailing == behind.encode() + b"more"


#: Limits at which time that grows with the square of a line would be minutes.
LONG = Limits(line=2**20, headers=128, total=2**21)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"A:" + b" " * 300_000 + b"\x01\r\n", "malformed header line 1"),
        (b"A:" + b"\t" * 300_000 + b"\x01\r\n", "malformed header line 1"),
        (b"A:" + b" " * 300_000 + b"\n", "header line 1 ends without a carriage return"),
        (b"A:" + b" 1" * 150_000 + b"\x01\r\n", "malformed header line 1"),
        (b"A" * 300_000 + b"\r\n", "malformed header line 1"),
    ],
    ids=["spaces", "tabs", "LF", "words", "no colon"],
)
@pytest.mark.parametrize("behind", [b"", b"\r\n"], ids=["line", "head"])
def test_the_length_of_a_bad_line_makes_no_difference(
    line: bytes, error: str, behind: bytes
) -> None:
    for parser, start in (
        (RequestParser(LONG), b"GET / HTTP/1.1\r\n"),
        (ResponseParser(LONG), b"HTTP/1.1 200 OK\r\n"),
    ):
        with pytest.raises(InvalidMessage) as caught:
            parser.receive_data(start + line + behind)
        assert str(caught.value) == error


def test_a_long_target_with_a_fragment_is_left_as_it_is() -> None:
    target = "http://" + "a" * 300_000 + "#"
    parser = RequestParser(LONG)
    parser.receive_data(f"GET {target} HTTP/1.1\r\n\r\n".encode())
    assert parser.message == Request("GET", target, Headers())


def worst_legal_request(name: bytes, filler: bytes) -> bytes:
    """Make a request that fills all limits with headers of one kind."""
    lines = [b"GET /%s HTTP/1.1\r\n" % (b"a" * (DEFAULT_LIMITS.line - 14)), b"Host: a\r\n"]
    room = DEFAULT_LIMITS.total - sum(map(len, lines)) - 2
    while room > len(name) + 4:
        size = min(DEFAULT_LIMITS.line, room - 2) - len(name) - 1
        lines.append(b"%s:%s\r\n" % (name, (filler * size)[:size]))
        room -= len(lines[-1])
    return b"".join(lines) + b"\r\n"


@pytest.mark.parametrize(
    "filler", [b"a", b" ", b"\t", b" a", b"a ", b":", b",", b'"', b"\\", b"\xff"]
)
def test_the_worst_legal_request_is_read_in_twenty_milliseconds(filler: bytes) -> None:
    data = worst_legal_request(b"A", filler)
    assert DEFAULT_LIMITS.total - 4 <= len(data) <= DEFAULT_LIMITS.total
    best = 1.0
    for _ in range(5):
        parser = RequestParser()
        start = time.perf_counter()
        parser.receive_data(data)
        best = min(best, time.perf_counter() - start)
        assert parser.message is not None
    assert best < 0.020


def test_the_worst_legal_request_takes_linear_time_byte_by_byte() -> None:
    data = worst_legal_request(b"A", b"a")
    parser = RequestParser()
    start = time.perf_counter()
    for pos in range(len(data)):
        parser.receive_data(data[pos : pos + 1])
    assert parser.message is not None
    # 65,536 calls; quadratic time would be a minute.
    assert time.perf_counter() - start < 2


@given(st.binary(max_size=200), st.lists(st.integers(0, 200)))
def test_cutting_makes_no_difference(data: bytes, cuts: list[int]) -> None:
    data = b"GET / HTTP/1.1\r\n" + data.replace(b"\x01", b"\r\n") + b"\r\n\r\n"
    bounds = sorted({0, len(data), *(cut % len(data) for cut in cuts)})
    outcomes = []
    for pieces in ([data], [data[a:b] for a, b in zip(bounds, bounds[1:])]):
        parser = RequestParser()
        try:
            feed(parser, pieces)
        except InvalidHandshake as exc:
            outcomes.append(repr(exc))
        else:
            outcomes.append(f"{parser.message!r} {parser.trailing!r}")
    assert outcomes[0] == outcomes[1]


def test_the_base_class_reads_no_message_of_its_own() -> None:
    with pytest.raises(AttributeError):
        HeadParser[Request]().receive_data(b"\r\n")
