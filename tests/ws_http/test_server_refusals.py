"""Requests that a server refuses, and what it says, RFC 6455 §4.2.2 and §4.4."""

from __future__ import annotations

from typing import Callable

import pytest

from tests.ws_http.requests import KEY, PLAIN, FakeFactory, feed, make_request, parse
from ws_frames import InvalidState
from ws_http import (
    AbortHandshake,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidOrigin,
    InvalidUpgrade,
    Origin,
    SecurityError,
    ServerHandshake,
    TargetTooLong,
    UnsupportedMethod,
)

Cut = Callable[[bytes], "list[bytes]"]

#: What is left out of a good request, what is added, its first line, and what comes of it
#: before anybody asks for a WebSocket.
BROKEN: list[tuple[str, list[str], str, type[InvalidHandshake], str, int]] = [
    ("Host", [], "", InvalidHeader, "missing Host header", 400),
    ("", ["Host: a"], "", InvalidHeader, "invalid Host header: 2 of them", 400),
    ("Host", ["Host: a b"], "", InvalidHeaderValue, "invalid Host header: a b", 400),
    ("Host", ["Host: a/b"], "", InvalidHeaderValue, "invalid Host header: a/b", 400),
    ("Host", ["Host: a, b"], "", InvalidHeaderValue, "invalid Host header: a, b", 400),
    ("Host", ["Host: é"], "", InvalidHeaderValue, "invalid Host header: é", 400),
    ("", ["Transfer-Encoding: chunked"], "", InvalidMessage, "transfer encoding", 400),
    ("", ["Transfer-Encoding: identity"], "", InvalidMessage, "transfer encoding", 400),
    ("", ["Content-Length: 5"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: +0"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: 0, 0"], "", InvalidMessage, "request with a body", 400),
    ("", ["Content-Length: 0"] * 2, "", InvalidMessage, "request with a body", 400),
    ("", [], "POST / HTTP/1.1", UnsupportedMethod, "unsupported method: POST", 405),
    ("Host", ["Content-Length: 5"], "PUT / HTTP/1.0", UnsupportedMethod, "method: PUT", 405),
    ("", [], "CONNECT a:80 HTTP/1.1", UnsupportedMethod, "unsupported method: CONNECT", 405),
    ("", [], "OPTIONS * HTTP/1.1", UnsupportedMethod, "unsupported method: OPTIONS", 405),
    ("", [], "get / HTTP/1.1", UnsupportedMethod, "unsupported method: get", 405),
    ("", [], "GET * HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET /#a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET ftp://a/ HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET http:///a HTTP/1.1", InvalidMessage, "malformed request target", 400),
    ("", [], "GET / HTTP/2.0", InvalidMessage, "unsupported HTTP version: 2.0", 400),
    ("", [], "GET /", InvalidMessage, "malformed request line", 400),
    ("", ["A : b"], "", InvalidMessage, "malformed header line 6", 400),
    ("", ["A: b", " c"], "", InvalidMessage, "malformed header line 7", 400),
    ("", [], "GET /" + "a" * 9000, TargetTooLong, "request line over 8192 bytes", 414),
    ("", ["A: " + "a" * 8192], "", SecurityError, "header line over 8192 bytes", 431),
    ("", ["A: b"] * 124, "", SecurityError, "over 128 headers", 431),
    ("", ["A: " + "a" * 8000] * 9, "", SecurityError, "over 65536 bytes of headers", 431),
]

#: The same, of what is no good request for a WebSocket.
UNACCEPTABLE: list[tuple[str, list[str], str, type[InvalidHandshake], str, int]] = [
    ("Upgrade", [], "", InvalidUpgrade, "missing Upgrade header", 426),
    ("Upgrade", ["Upgrade: h2c"], "", InvalidUpgrade, "invalid Upgrade header: h2c", 426),
    ("Connection", [], "", InvalidUpgrade, "missing Connection header", 426),
    ("", [], "GET / HTTP/1.0", InvalidUpgrade, "Upgrade header: ignored in HTTP/1.0", 426),
    ("", [], "HEAD / HTTP/1.1", UnsupportedMethod, "unsupported method: HEAD", 405),
    ("Upgrade", [], "HEAD / HTTP/1.1", InvalidUpgrade, "missing Upgrade header", 426),
    ("Connection", ["Connection:"], "", InvalidUpgrade, "empty Connection header", 426),
    ("Connection", ["Connection: ="], "", InvalidHeaderFormat, "expected token at 0 in =", 400),
    ("Sec-WebSocket-Version", [], "", InvalidHeader, "missing Sec-WebSocket-Version", 400),
    ("Sec-WebSocket-Version", ["Sec-WebSocket-Version: 8"], "", InvalidHeaderValue, ": 8", 400),
    ("Sec-WebSocket-Key", [], "", InvalidHeader, "missing Sec-WebSocket-Key header", 400),
    ("Sec-WebSocket-Key", ["Sec-WebSocket-Key: a"], "", InvalidHeaderValue, "header: a", 400),
    ("", [f"Sec-WebSocket-Key: {KEY}"], "", InvalidHeader, "Key header: 2 of them", 400),
    ("", ["Origin: http://evil"], "", InvalidOrigin, "invalid Origin header: http://evil", 403),
    ("", ["Origin: http://a", "Origin: http://a"], "", InvalidHeader, "Origin header: 2", 400),
    ("", ["Sec-WebSocket-Extensions: ="], "", InvalidHeaderFormat, "expected token at 0", 400),
    ("", ["Sec-WebSocket-Extensions: " + "a," * 129], "", SecurityError, "over 128 items", 431),
    ("", ["Sec-WebSocket-Protocol: ="], "", InvalidHeaderFormat, "expected token at 0", 400),
    ("", ["Sec-WebSocket-Protocol: a, a"], "", InvalidHeader, "header: a, a", 400),
]  # fmt: skip


class TestRefusing:
    @pytest.mark.parametrize(("without", "lines", "line", "error", "text", "status"), BROKEN)
    def test_a_broken_request_is_an_error(
        self,
        without: str,
        lines: list[str],
        line: str,
        error: type[InvalidHandshake],
        text: str,
        status: int,
        cut: Cut,
    ) -> None:
        data = make_request(*lines, line=line or "GET / HTTP/1.1", without=without)
        handshake = feed(ServerHandshake(), cut(data))
        handshake.receive_eof()
        assert handshake.done
        assert handshake.request is None
        assert type(handshake.error) is error
        assert text in str(handshake.error)
        with pytest.raises(error):
            handshake.accept()
        assert parse(handshake.refuse(handshake.error)).status == status

    @pytest.mark.parametrize(("without", "lines", "line", "error", "text", "status"), UNACCEPTABLE)
    def test_a_request_that_is_not_acceptable_is_refused(
        self,
        without: str,
        lines: list[str],
        line: str,
        error: type[InvalidHandshake],
        text: str,
        status: int,
    ) -> None:
        handshake = ServerHandshake(origins=[None, Origin("http://a")], extensions=[FakeFactory()])
        handshake.receive_data(make_request(*lines, line=line or "GET / HTTP/1.1", without=without))
        assert handshake.error is None
        assert handshake.request is not None
        with pytest.raises(error) as caught:
            handshake.accept()
        assert type(caught.value) is error
        assert text in str(caught.value)
        response = parse(handshake.refuse(caught.value))
        assert response.status == status
        assert "close" in response.headers["Connection"]
        assert (response.body == b"") == line.startswith("HEAD")
        with pytest.raises(InvalidState):
            _ = handshake.opening

    def test_a_plain_request_is_told_what_is_here(self) -> None:
        handshake = feed(ServerHandshake(server_header="s", clock=lambda: 0), [PLAIN])
        with pytest.raises(InvalidUpgrade) as caught:
            handshake.accept()
        response = parse(handshake.refuse(caught.value))
        assert response.status == 426
        assert response.reason == "Upgrade Required"
        assert response.headers["Upgrade"] == "websocket"
        assert response.headers["Connection"] == "Upgrade, close"
        assert response.headers["Server"] == "s"
        assert response.headers["Date"] == "Thu, 01 Jan 1970 00:00:00 GMT"
        assert response.headers["Content-Length"] == str(len(response.body))
        assert b"WebSocket" in response.body

    def test_another_version_is_told_which_is_spoken(self) -> None:
        data = make_request("Sec-WebSocket-Version: 8", without="Sec-WebSocket-Version")
        handshake = feed(ServerHandshake(), [data])
        with pytest.raises(InvalidHeaderValue) as caught:
            handshake.accept()
        response = parse(handshake.refuse(caught.value))
        assert response.headers["Sec-WebSocket-Version"] == "13"

    @pytest.mark.parametrize(
        "request_",
        [PLAIN, PLAIN.replace(b"GET", b"HEAD"), b"GET / HTTP/1.0\r\n\r\n", make_request()],
    )
    def test_any_request_can_be_answered_with_a_page(self, request_: bytes) -> None:
        handshake = feed(ServerHandshake(), [request_])
        assert handshake.request is not None
        data = handshake.reject(200, {"Content-Type": "text/html"}, b"<h1>page</h1>")
        response = parse(data)
        assert response.status == 200
        assert response.headers["Content-Type"] == "text/html"
        assert response.headers["Content-Length"] == "13"
        assert response.body == (b"" if request_.startswith(b"HEAD") else b"<h1>page</h1>")

    def test_the_headers_of_a_refusal_replace_those_that_would_be_sent(self) -> None:
        handshake = feed(ServerHandshake(server_header="a", clock=lambda: 0), [PLAIN])
        response = parse(handshake.reject(200, {"server": "b", "Date": "now"}, b""))
        assert response.headers["Server"] == "b"
        assert response.headers["Date"] == "now"

    def test_a_request_can_be_refused_before_it_is_complete(self) -> None:
        handshake = feed(ServerHandshake(), [b"GET /"])
        assert parse(handshake.reject(503)).body == b"503 Service Unavailable\n"

    def test_an_abort_is_sent_as_it_is(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        response = parse(handshake.refuse(AbortHandshake(418, {"A": "b"}, b"tea")))
        assert (response.status, response.headers["A"], response.body) == (418, "b", b"tea")

    def test_an_error_of_the_server_is_not_shown(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        response = parse(handshake.refuse(RuntimeError("secret")))
        assert response.status == 500
        assert b"secret" not in response.body

    def test_head_gets_no_body_even_where_its_request_is_broken(self) -> None:
        handshake = feed(ServerHandshake(), [b"HEAD / HTTP/1.1\r\n\r\n"])
        assert handshake.error is not None
        assert parse(handshake.refuse(handshake.error)).body == b""

    def test_what_cannot_be_sent_is_refused_and_leaves_the_request_to_be_answered(self) -> None:
        handshake = feed(ServerHandshake(), [make_request()])
        with pytest.raises(ValueError, match="status 101"):
            handshake.reject(101)
        with pytest.raises(ValueError, match="value of A header"):
            handshake.reject(200, {"A": "b\r\nC: d"})
        assert parse(handshake.refuse(ValueError())).status == 500

    def test_every_error_can_be_sent(self, cut: Cut) -> None:
        whole = make_request()
        for size in range(len(whole)):
            handshake = feed(ServerHandshake(), [whole[:size]])
            assert not handshake.done
            handshake.receive_eof()
            assert handshake.error is not None
            assert "connection closed" in str(handshake.error)
            assert parse(handshake.refuse(handshake.error)).status == 400
