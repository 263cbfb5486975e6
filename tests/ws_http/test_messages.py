"""Requests and responses, RFC 7230 §3."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import Headers, Request, RequestParser, Response, ResponseParser
from ws_http.messages import is_target

targets = st.text([chr(c) for c in [*range(33, 127), *range(128, 256)] if c != 35]).map(
    "/{}".format
)
phrases = st.text([chr(c) for c in [9, *range(32, 127), *range(128, 256)]])


def test_a_request_is_serialized() -> None:
    request = Request("GET", "/é?a", Headers(Host="h"))
    assert request.serialize() == b"GET /\xe9?a HTTP/1.1\r\nHost: h\r\n\r\n"


def test_a_response_is_serialized() -> None:
    response = Response(404, "Not Found", Headers({"Content-Length": "1"}), b"x", (1, 0))
    assert response.serialize() == b"HTTP/1.0 404 Not Found\r\nContent-Length: 1\r\n\r\nx"


@given(st.sampled_from(["GET", "HEAD", "X-Y"]), targets)
def test_a_request_is_parsed_to_the_same(method: str, target: str) -> None:
    request = Request(method, target, Headers(Host="h"))
    parser = RequestParser()
    parser.receive_data(request.serialize())
    assert parser.message == request


@given(st.integers(101, 599).filter(lambda status: status == 101 or status >= 200), phrases)
def test_a_response_is_parsed_to_the_same(status: int, reason: str) -> None:
    response = Response(status, reason, Headers(A="b"))
    parser = ResponseParser()
    parser.receive_data(response.serialize())
    assert parser.message == response


@pytest.mark.parametrize(
    ("method", "target", "error"),
    [
        ("", "/", "method"),
        ("G T", "/", "method"),
        ("GET\r\n", "/", "method"),
        ("GET", "", "target"),
        ("GET", "secret", "target"),
        ("GET", "*", "target"),
        ("GET", "http://secret/", "target"),
        ("GET", "/secret HTTP/1.1\r\nX: y", "target"),
        ("GET", "/secret#a", "target"),
        ("GET", "/secret\0", "target"),
        ("GET", "/secret\x7f", "target"),
        ("GET", "/secret\u20ac", "target"),
        ("GET", "/secret\n", "target"),
    ],
)
def test_a_request_that_cannot_be_sent_is_refused_and_not_shown(
    method: str, target: str, error: str
) -> None:
    with pytest.raises(ValueError, match=f"^{error} ") as caught:
        Request(method, target, Headers()).serialize()
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (99, "", "status 99"),
        (600, "", "status 600"),
        (200, "a\r\nb", "reason phrase"),
        (200, "a\0", "reason phrase"),
        (200, "\u20ac", "reason phrase"),
    ],
)
def test_a_response_that_cannot_be_sent_is_refused(status: int, reason: str, error: str) -> None:
    with pytest.raises(ValueError, match=error):
        Response(status, reason, Headers()).serialize()


def test_headers_are_checked_too() -> None:
    headers = Headers.from_checked([("A", "b\r\nC: d")])
    with pytest.raises(ValueError, match="header"):
        Request("GET", "/", headers).serialize()
    with pytest.raises(ValueError, match="header"):
        Response(200, "OK", headers).serialize()


def test_a_target_in_origin_form_is_told_from_others() -> None:
    assert all(map(is_target, ["/", "//", "/?", "/a?b#"[:-1], '/%41{}|\\^`"<>', "/\xff"]))
    assert not any(
        map(is_target, ["", "*", "a", "?", "http://a/", "/ ", "/#", "/\x00", "/\t", "/\u0100"])
    )
