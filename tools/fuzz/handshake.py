"""What the fuzzers of the opening handshake share: lines, extensions, and how texts must read."""

from __future__ import annotations

import random
from collections.abc import Sequence

from ws_frames import RSV1, RSV2, Extension
from ws_http import ExtensionName, ExtensionParameter, NegotiationError, Subprotocol

from .invariant import require
from .payloads import cut, make_pieces

#: What must not be in the text of an exception; most inputs that hold a password hold this one.
PASSWORD = "hunter2"

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

LINES = [
    "Host: example.com",
    "Host: [::1]:80",
    "Upgrade: websocket",
    "Upgrade: h2c, WebSocket/13",
    "Connection: Upgrade",
    "connection: keep-alive, upgrade",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Version: 8",
    f"Sec-WebSocket-Key: {KEY}",
    f"Sec-WebSocket-Accept: {ACCEPT}",
    "Sec-WebSocket-Protocol: chat, superchat",
    "Sec-WebSocket-Protocol: chat",
    'Sec-WebSocket-Extensions: x-one; a=1, x-two; b; c="d"',
    "Sec-WebSocket-Extensions: x-one; a=2",
    "Sec-WebSocket-Extensions: x-two",
    "Origin: http://example.com",
    "Origin: null",
    "Content-Length: 0",
    "Content-Length: 5",
    "Transfer-Encoding: chunked",
    "Location: /elsewhere",
    "Location: //other/\xc3\xa9#a",
    "Cookie: a=b",
    "X: \xe9\t ",
    "Authorization: Basic dTpodW50ZXIy",
]
VERSIONS = ["HTTP/1.1"] * 6 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/1", "http/1.1", ""]
BODIES = [
    b"",
    b"",
    b"12345",
    b"\x81\x02hi",
    b"3\r\n123\r\n0\r\n\r\n",
    b"fffff\r\n",
    b"\r\n\r\n",
    b"\0" * 70,
]

#: What mutations put in.
FRAGMENTS = [
    "\r\n", "\r", "\n", "\r\n\r\n", "\0", " ", "\t", ":", ": ", ",", ";", "=", '"', "\\", "\x7f", "\x80", "\xff",
    "\xc3\xa9", "\x1b", "#", "%", "%0d%0a", "@", "/", "//", "?", "[", "]", "(", "|", "+", "-", "0", "1", "13", "9" * 30,
    "a", "a" * 300, ", " * 40, "a;b," * 60, "A: b\r\n" * 60, " " * 100, "x-one", "websocket", "chunked", "HTTP/1.1",
]  # fmt: skip


class Fake(Extension):
    """An extension that has parameters and, it says, bits."""

    def __init__(self, name: str, rsv: int | None) -> None:
        self.name = name
        self.rsv = rsv


class Factory:
    """Of both sides; refuses the parameter ``a=2``."""

    def __init__(self, name: str, rsv: int | None) -> None:
        self.name = ExtensionName(name)
        self.rsv = rsv

    def get_request_params(self) -> list[ExtensionParameter]:
        """Offer one parameter."""
        return [("a", "1")]

    def process_response_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> Extension:
        """Take any other parameter."""
        if ("a", "2") in params:
            raise NegotiationError("refused")
        return Fake(self.name, self.rsv)

    def process_request_params(
        self, params: Sequence[ExtensionParameter], accepted_extensions: Sequence[Extension]
    ) -> tuple[list[ExtensionParameter], Extension]:
        """Take any other parameter, and send it back."""
        return list(params), self.process_response_params(params, accepted_extensions)


FACTORIES = [Factory("x-one", RSV1), Factory("x-two", RSV1 | RSV2), Factory("x-two", None)]
SUBPROTOCOLS = [Subprotocol("superchat"), Subprotocol("chat")]


def mutate(rng: random.Random, text: str) -> str:
    """Change a text in up to four places."""
    for _ in range(rng.choice((0, 0, 1, 1, 2, 4))):
        start = rng.randrange(len(text) + 1)
        end = min(len(text), start + rng.choice((0, 0, 1, 2, 10)))
        middle = rng.choice(
            (rng.choice(FRAGMENTS), text[start:end] * 2, "", chr(rng.randrange(256)))
        )
        text = text[:start] + middle + text[end:]
    return text


def cut_at_random(rng: random.Random, data: bytes) -> list[bytes]:
    """Cut data at up to six places, or between all bytes."""
    if len(data) < 400 and rng.random() < 0.1:
        return cut(data, 1)
    return make_pieces(rng, data, 6)


def check_text(exc: BaseException) -> str:
    """Check what an exception says, and return it."""
    text = str(exc)
    require(
        text.isprintable() and len(text) < 1000, "the text of an exception is not fit for a log"
    )
    require(PASSWORD not in text and PASSWORD not in repr(exc), "an exception shows a password")
    return f"{type(exc).__name__}: {text}"
