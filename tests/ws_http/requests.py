"""Requests that a server's handshake is given, and what it makes of them."""

from __future__ import annotations

from collections.abc import Sequence

from ws_frames import Extension
from ws_http import (
    ExtensionName,
    ExtensionParameter,
    NegotiationError,
    Response,
    ResponseParser,
    ServerHandshake,
)

KEY = "dGhlIHNhbXBsZSBub25jZQ=="

USUAL = [
    "Host: server.example.com",
    "Upgrade: websocket",
    "Connection: Upgrade",
    f"Sec-WebSocket-Key: {KEY}",
    "Sec-WebSocket-Version: 13",
]

PLAIN = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class FakeExtension(Extension):
    name = "x-fake"


class FakeFactory:
    name = ExtensionName("x-fake")

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        if not params:
            raise NegotiationError("no parameters")
        return [("b", None)], FakeExtension()


def make_request(*lines: str, line: str = "GET /chat HTTP/1.1", without: str = "") -> bytes:
    """Make a request that is right, but for its first line, more lines, and one left out."""
    kept = [usual for usual in USUAL if not (without and usual.startswith(without))]
    return "".join(f"{text}\r\n" for text in [line, *kept, *lines, ""]).encode("iso-8859-1")


def feed(handshake: ServerHandshake, pieces: list[bytes]) -> ServerHandshake:
    for piece in pieces:
        handshake.receive_data(piece)
    return handshake


def parse(data: bytes) -> Response:
    parser = ResponseParser()
    parser.receive_data(data)
    assert parser.message is not None
    return parser.message._replace(body=bytes(parser.trailing))
