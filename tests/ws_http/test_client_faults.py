"""Responses that are broken, too long, or not there to their end."""

from __future__ import annotations

from typing import Callable

import pytest

from tests.ws_http.responses import URI, feed, respond
from ws_http import (
    ClientHandshake,
    InvalidHandshake,
    InvalidMessage,
    Limits,
    SecurityError,
    parse_uri,
)

Cut = Callable[[bytes], "list[bytes]"]


class TestErrors:
    @pytest.mark.parametrize(
        ("data", "error", "text"),
        [
            (b"SSH-2.0\r\n", InvalidMessage, "malformed status line"),
            (b"HTTP/1.1 101 x\r\nA : b\r\n", InvalidMessage, "malformed header line 1"),
            (b"a" * 9000, SecurityError, "status line over 8192 bytes"),
            (b"HTTP/1.1 101 x\r\nA: " + b"a" * 9000, SecurityError, "header line over 8192 bytes"),
            (b"HTTP/1.1 101 x\r\n" + b"A: b\r\n" * 129, SecurityError, "over 128 headers"),
            (b"HTTP/1.1 100 x\r\n\r\n" * 4000, SecurityError, "over 65536 bytes"),
        ],
    )
    def test_a_broken_response_is_an_error(
        self, data: bytes, error: type[InvalidHandshake], text: str, cut: Cut
    ) -> None:
        handshake = ClientHandshake(URI)
        feed(handshake, cut(data))
        assert handshake.done
        assert handshake.response is None
        handshake.receive_eof()
        with pytest.raises(error, match=text):
            handshake.result()

    @pytest.mark.parametrize(
        ("data", "part"),
        [(b"", "status line"), (b"HTTP/1.1 1", "status line"), (b"HTTP/1.1 101 x\r\nA", "headers")],
    )
    def test_the_end_of_the_connection_is_an_error(self, data: bytes, part: str) -> None:
        handshake = ClientHandshake(URI)
        handshake.receive_data(data)
        handshake.receive_eof()
        with pytest.raises(
            InvalidMessage, match=f"closed after {len(data)} bytes, while reading the {part}"
        ):
            handshake.result()

    @pytest.mark.parametrize(
        ("scheme", "hint"), [("ws", "; if the server expects TLS, use a wss:// URI"), ("wss", "")]
    )
    def test_only_a_client_without_tls_is_told_to_use_it(self, scheme: str, hint: str) -> None:
        handshake = ClientHandshake(parse_uri(f"{scheme}://example.com/"))
        handshake.receive_eof()
        text = "connection closed after 0 bytes, while reading the status line"
        assert str(handshake.error) == text + hint

    def test_a_response_cut_after_any_byte_is_an_error(self) -> None:
        whole = respond(ClientHandshake(URI))
        for size in range(len(whole)):
            handshake = ClientHandshake(URI)
            handshake.receive_data(whole[:size])
            assert not handshake.done
            handshake.receive_eof()
            with pytest.raises(InvalidMessage, match="connection closed"):
                handshake.result()

    def test_limits_can_be_set(self) -> None:
        handshake = ClientHandshake(URI, limits=Limits(line=10))
        handshake.receive_data(respond(handshake))
        with pytest.raises(SecurityError, match="status line over 10 bytes"):
            handshake.result()
