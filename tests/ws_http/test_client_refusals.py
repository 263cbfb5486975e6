"""Responses with another status than 101, RFC 6455 §4.1: refusals and redirects."""

from __future__ import annotations

from typing import Callable

import pytest

from tests.ws_http.responses import URI, feed, refuse
from ws_http import ClientHandshake, InvalidHeader, InvalidStatusCode, Limits, RedirectHandshake

Cut = Callable[[bytes], "list[bytes]"]


class TestRefusals:
    @pytest.mark.parametrize(
        ("lines", "body"),
        [
            (["Content-Length: 3"], b"no\n"),
            (["Transfer-Encoding: chunked"], b"2\r\nno\r\n1\r\n\n\r\n0\r\n\r\n"),
        ],
    )
    def test_a_refusal_is_shown_with_its_body(
        self, cut: Cut, lines: list[str], body: bytes
    ) -> None:
        handshake = ClientHandshake(URI)
        feed(handshake, cut(refuse("403 Forbidden", *lines, "X: y", body=body)))
        assert handshake.done
        handshake.receive_data(b"more")
        handshake.receive_eof()
        with pytest.raises(InvalidStatusCode) as caught:
            handshake.result()
        assert caught.value.status_code == 403
        assert caught.value.headers["X"] == "y"
        assert caught.value.body == b"no\n"

    @pytest.mark.parametrize("status", [200, 204, 304, 400, 401, 404, 426, 500, 503, 599])
    def test_any_status_but_101_is_a_refusal(self, status: int) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(refuse(f"{status} x", "Content-Length: 0"))
        with pytest.raises(InvalidStatusCode, match=f"HTTP {status}"):
            handshake.result()

    @pytest.mark.parametrize(
        ("lines", "body"),
        [
            ([], b"abc"),
            (["Content-Length: 4"], b"abc"),
            (["Transfer-Encoding: chunked"], b"9\r\nabc"),
        ],
    )
    def test_a_body_may_end_with_the_connection(
        self, cut: Cut, lines: list[str], body: bytes
    ) -> None:
        handshake = ClientHandshake(URI)
        feed(handshake, cut(refuse("403 Forbidden", *lines, body=body)))
        assert not handshake.done
        assert handshake.awaits_body
        handshake.receive_eof()
        with pytest.raises(InvalidStatusCode) as caught:
            handshake.result()
        assert caught.value.body == b"abc"

    def test_a_long_body_is_cut(self, cut: Cut) -> None:
        handshake = ClientHandshake(URI, limits=Limits(body=1000))
        feed(handshake, cut(refuse("403 Forbidden", body=b"a" * 1001)))
        with pytest.raises(InvalidStatusCode) as caught:
            handshake.result()
        assert caught.value.body == b"a" * 1000

    def test_http_1_0_may_refuse(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(b"HTTP/1.0 502 Bad Gateway\r\n\r\n")
        handshake.receive_eof()
        with pytest.raises(InvalidStatusCode, match="HTTP 502"):
            handshake.result()


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    @pytest.mark.parametrize(
        ("location", "uri"), [("/b", "ws://example.com/b"), ("wss://other/", "wss://other/")]
    )
    def test_a_redirect_says_where(self, status: int, location: str, uri: str, cut: Cut) -> None:
        handshake = ClientHandshake(URI)
        # Its body is not waited for.
        lines = [f"Location: {location}", "Content-Length: 5"]
        feed(handshake, cut(refuse(f"{status} x", *lines)))
        assert handshake.done
        handshake.receive_data(b"12345")
        with pytest.raises(RedirectHandshake) as caught:
            handshake.result()
        assert caught.value.uri == uri

    @pytest.mark.parametrize("lines", [[], ["Location: /a", "Location: /b"]])
    def test_a_redirect_to_nowhere_is_a_refusal(self, lines: list[str]) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(refuse("302 Found", *lines))
        with pytest.raises(InvalidStatusCode, match="HTTP 302"):
            handshake.result()

    @pytest.mark.parametrize("status", [300, 304, 305, 399])
    def test_other_statuses_do_not_redirect(self, status: int) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(refuse(f"{status} x", "Location: /b", "Content-Length: 0"))
        with pytest.raises(InvalidStatusCode):
            handshake.result()

    def test_a_location_that_cannot_be_resolved_is_an_invalid_header(self) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(refuse("302 Found", "Location: //["))
        with pytest.raises(InvalidHeader, match="invalid Location header"):
            handshake.result()
