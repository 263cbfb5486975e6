"""Opening handshakes: what the suite sends, and its judgement of what the target sends."""

from __future__ import annotations

import base64
import hashlib
import re
from typing import Optional

from .tokens import Token

__all__ = [
    "KEY",
    "ResponseReader",
    "accept_of",
    "answer_to_offer",
    "judge_request",
    "keys_in",
    "offers_deflate",
    "plain_request",
    "plain_response",
    "values_of",
]

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"

#: The key of the example in RFC 6455 §1.3.
KEY = "dGhlIHNhbXBsZSBub25jZQ=="

REQUEST = """\
GET {target} HTTP/1.1\r
Host: {host}\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r
Sec-WebSocket-Version: 13\r
"""

RESPONSE = """\
HTTP/1.1 101 Switching Protocols\r
Upgrade: websocket\r
Connection: Upgrade\r
Sec-WebSocket-Accept: {accept}\r
"""

FIELD = re.compile(r"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[\t ]*([\t -~\x80-\xff]*)")


def plain_request(extensions: str = "") -> str:
    return REQUEST + (f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else "") + "\r\n"


def plain_response(extensions: str = "") -> str:
    return RESPONSE + (f"Sec-WebSocket-Extensions: {extensions}\r\n" if extensions else "") + "\r\n"


def accept_of(key: str) -> str:
    """The answer to a key (RFC 6455 §4.2.2)."""
    return base64.b64encode(hashlib.sha1((key + GUID).encode()).digest()).decode()


def read_fields(lines: list[str]) -> tuple[list[tuple[str, str]], str]:
    """Read header lines; gives names in lower case with values, and what is wrong."""
    fields: list[tuple[str, str]] = []
    for line in lines:
        match = FIELD.fullmatch(line)
        if match is None:
            return fields, f"the header line {line!r}"
        fields.append((match[1].lower(), match[2].rstrip("\t ")))
    return fields, ""


def values_of(fields: list[tuple[str, str]], name: str) -> list[str]:
    return [value for field, value in fields if field == name]


def tokens_in(fields: list[tuple[str, str]], name: str) -> list[str]:
    joined = ",".join(values_of(fields, name))
    return [token.strip(" \t").lower() for token in joined.split(",") if token.strip(" \t")]


def keys_in(request: bytes) -> list[str]:
    """The keys in the bytes of a request; also all of them, as a list reads."""
    found = re.findall(rb"(?i)\nsec-websocket-key:[\t ]*([ -~]*?)[\t ]*\r", request)
    keys = [key.decode() for key in found]
    return [*keys, ", ".join(keys), ",".join(keys)]


# Responses, of a server


class ResponseReader:
    """Read a response; once ``opened``, ``rest`` holds the bytes behind it."""

    def __init__(self) -> None:
        #: The keys of the request, one of which the response has to answer.
        self.keys = [KEY]
        self.opened = False
        self.rest = b""
        #: The Sec-WebSocket-Extensions of the response.
        self.extensions = ""
        #: Whether the response is a refusal, and complete.
        self.refused = False
        #: Whether the target said that it would end TCP.
        self.will_close = False
        self._buffer = b""
        self._fields: list[tuple[str, str]] | None = None
        self._status = 0

    def feed(self, data: bytes) -> list[Token]:
        self._buffer += data
        tokens: list[Token] = []
        if self._fields is None:
            head, end, rest = self._buffer.partition(b"\r\n\r\n")
            if not end:
                return []
            self._buffer = rest
            tokens = self._read_head(head.decode("iso-8859-1"))
        if self._status == 101:
            self.opened, self.rest = True, self._buffer
        elif self._fields is not None:
            self.refused = self._has_body(self._fields)
        return tokens

    def end(self) -> list[Token]:
        if self._fields is None and self._buffer:
            return [Token("wrong", "the end of TCP inside a response")]
        return []

    def _read_head(self, head: str) -> list[Token]:
        line, *lines = head.split("\r\n")
        self._fields, wrong = read_fields(lines)
        status = re.fullmatch(r"HTTP/1\.([01]) ([1-5][0-9][0-9])(?: [\t -~\x80-\xff]*)?", line)
        if status is None:
            wrong = f"the status line {line!r}"
        if wrong or status is None:
            return [Token("wrong", wrong)]
        self._status = int(status[2])
        if self._status == 101:
            return self._judge_opening(self._fields, status[1])
        self.will_close = status[1] == "0" or "close" in tokens_in(self._fields, "connection")
        versions = values_of(self._fields, "sec-websocket-version")
        return [Token("http", self._status), *(Token("version", value) for value in versions)]

    def _judge_opening(self, fields: list[tuple[str, str]], minor: str) -> list[Token]:
        if minor != "1":
            return [Token("wrong", "status 101 in HTTP/1.0")]
        if tokens_in(fields, "upgrade") != ["websocket"]:
            return [Token("wrong", "status 101 without Upgrade: websocket")]
        if "upgrade" not in tokens_in(fields, "connection"):
            return [Token("wrong", "status 101 without Connection: Upgrade")]
        accepts = values_of(fields, "sec-websocket-accept")
        if len(accepts) != 1 or accepts[0] not in map(accept_of, self.keys):
            return [Token("wrong", "status 101 without the right Sec-WebSocket-Accept")]
        self.extensions = ", ".join(values_of(fields, "sec-websocket-extensions"))
        tokens = [Token("open")]
        for name in ("subprotocol", "extensions"):
            header = "sec-websocket-protocol" if name == "subprotocol" else f"sec-websocket-{name}"
            tokens += [Token(name, value) for value in values_of(fields, header)]
        return tokens

    def _has_body(self, fields: list[tuple[str, str]]) -> bool:
        if "chunked" in tokens_in(fields, "transfer-encoding"):
            return self._buffer.endswith(b"0\r\n\r\n")
        lengths = values_of(fields, "content-length")
        if self._status in (204, 304):
            return True
        return bool(lengths) and lengths[0].isdigit() and len(self._buffer) >= int(lengths[0])


# Requests, of a client


def judge_request(
    head: bytes,
    wanted: tuple[tuple[str, Optional[str]], ...],  # noqa: UP045
) -> tuple[list[tuple[str, str]], list[Token]]:
    """Read a request without its last CRLFs: its fields, and what is wrong with them."""
    line, *lines = head.decode("iso-8859-1").split("\r\n")
    fields, wrong = read_fields(lines)
    if wrong:
        return fields, [Token("wrong", wrong)]
    tokens = []
    for name, pattern in wanted:
        values = [line] if name == ":line" else values_of(fields, name.lower())
        if pattern is None:
            fits = not values
        else:
            fits = len(values) == 1 and re.fullmatch(pattern, values[0]) is not None
        if not fits:
            tokens.append(Token("wrong", f"{name}: {values!r}"))
    return fields, tokens


def offers_deflate(fields: list[tuple[str, str]]) -> str | None:
    """The first offer of permessage-deflate in a request."""
    offers = ",".join(values_of(fields, "sec-websocket-extensions")).split(",")
    found = [
        offer.strip() for offer in offers if offer.split(";")[0].strip() == "permessage-deflate"
    ]
    return found[0] if found else None


def answer_to_offer(offer: str) -> str:
    """What a server answers that accepts an offer of permessage-deflate (RFC 7692 §7.1)."""
    answer = ["permessage-deflate"]
    for parameter in offer.split(";")[1:]:
        name, _, value = parameter.strip().partition("=")
        if name == "server_no_context_takeover" or (name == "server_max_window_bits" and value):
            answer.append(parameter.strip())
    return "; ".join(answer)
