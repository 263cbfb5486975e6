"""Requests that a server accepts or refuses (RFC 6455 §4.2, RFC 7230)."""

from __future__ import annotations

from ..case import (
    BYE,
    GOODBYE,
    SERVER,
    SILENT,
    Await,
    Case,
    Send,
    accepts_request,
)
from ..opening import REQUEST, plain_request
from ..tokens import GONE, OPEN, Want, got_text, http
from ..wire import text

__all__ = ["CASES"]

PLAIN = plain_request()
LINE, HOST, UPGRADE, CONNECTION, KEY, VERSION = REQUEST.splitlines(keepends=True)
OTHERS = HOST + UPGRADE + CONNECTION + KEY + VERSION


def plus(*lines: str) -> str:
    """The plain request with more headers."""
    return REQUEST + "".join(f"{line}\r\n" for line in lines) + "\r\n"


def without(line: str, *instead: str) -> str:
    """The plain request with other lines in the place of one of its own."""
    assert line in REQUEST
    return REQUEST.replace(line, "".join(f"{other}\r\n" for other in instead)) + "\r\n"


def key(value: str) -> str:
    return without(KEY, f"Sec-WebSocket-Key:{value}")


ABNF = "6455 4.2.1"

# fmt: off
ACCEPTED = [
    accepts_request("request/plain", "6455 1.3", "the example of the RFC", PLAIN),
    accepts_request(
        "request/lower-case-names", "7230 3.2", "names are case-insensitive",
        REQUEST.replace("Host:", "host:").replace("Upgrade:", "upgrade:")
        .replace("Connection:", "connection:").replace("Sec-WebSocket", "sec-websocket") + "\r\n",
    ),
    accepts_request(
        "request/upper-case-names", "7230 3.2", "names are case-insensitive",
        REQUEST.replace("Sec-WebSocket-Key", "SEC-WEBSOCKET-KEY")
        .replace("Sec-WebSocket-Version", "SEC-WEBSOCKET-VERSION").replace("Host:", "HOST:") + "\r\n",
    ),
    accepts_request(
        "request/upgrade-in-capitals", ABNF, "an ASCII case-insensitive value",
        without(UPGRADE, "Upgrade: WEBSOCKET"),
    ),
    accepts_request(
        "request/connection-in-lower-case", ABNF, "an ASCII case-insensitive value",
        without(CONNECTION, "Connection: upgrade"),
    ),
    accepts_request(
        "request/connection-list", ABNF, "a field that includes the token, as Firefox sends it",
        without(CONNECTION, "Connection: keep-alive, Upgrade"),
    ),
    accepts_request(
        "request/connection-in-two-lines", "7230 3.2.2", "the same as one line with a comma",
        without(CONNECTION, "Connection: keep-alive", "Connection: Upgrade"),
    ),
    accepts_request(
        "request/connection-with-empty-items", "7230 7",
        "a recipient MUST parse and ignore a reasonable number of empty list elements",
        without(CONNECTION, "Connection: ,, Upgrade ,"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/upgrade-list", ABNF, "a field that contains the value, beside others",
        without(UPGRADE, "Upgrade: foo/1.0, websocket"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/no-space-behind-colons", "7230 3.2.3", "white space is optional there",
        PLAIN.replace(": ", ":"),
    ),
    accepts_request(
        "request/much-space-around-values", "7230 3.2.3", "white space around values is no part of them",
        PLAIN.replace(": ", ": \t ").replace("\r\nSec", "\t \r\nSec"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/unknown-headers", "7230 3.2.1", "a server ignores what it doesn't know",
        plus("X-Something: 1", "Cookie: a=b; c=d", "User-Agent: strictness", "Pragma: no-cache"),
    ),
    accepts_request(
        "request/bytes-over-127-in-a-value", "7230 3.2.4", "treated as opaque data",
        plus("X-Name: J\xfcrgen"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/empty-value", "7230 3.2", "a value may be empty", plus("X-Empty:", "X-Blank: "),
    ),
    accepts_request(
        "request/repeated-unknown-header", "7230 3.2.2", "nothing of the handshake",
        plus("X-Forwarded-For: 192.0.2.1", "X-Forwarded-For: 192.0.2.2"),
    ),
    accepts_request(
        "request/long-cookie", "6265 6.1", "a cookie of 4,096 bytes, the most that browsers keep",
        plus("Cookie: a=" + "x" * 4094),
    ),
    accepts_request(
        "request/seventy-headers", "7230 3.2.5", "proxies add many; servers take a hundred or so",
        plus(*(f"X-Header-{n}: {n}" for n in range(65))), refusal_tolerated=True,
    ),
    accepts_request(
        "request/content-length-0", "7230 3.3.2", "it says that there is no body",
        plus("Content-Length: 0"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/empty-line-before-it", "7230 3.5",
        "a server SHOULD ignore at least one empty line before the request line",
        "\r\n" + PLAIN, refusal_tolerated=True,
    ),
    accepts_request(
        "request/absolute-target", "7230 5.3.2", "a server MUST accept the absolute form",
        without(LINE, "GET http://{host}{target} HTTP/1.1"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/http-1.2", "7230 2.6",
        "a recipient treats a higher minor version as the highest that it knows",
        without(LINE, "GET {target} HTTP/1.2"), refusal_tolerated=True,
    ),
    accepts_request(
        "request/subprotocol", "6455 4.2.2", "the server agrees on none, and sends no such header, or on what was offered",
        plus("Sec-WebSocket-Protocol: x-a.example"), negotiates=(Want("subprotocol", ("x-a.example",), True),),
    ),
    accepts_request(
        "request/unknown-extension", "6455 9.1", "a server declines by not naming it",
        plus("Sec-WebSocket-Extensions: x-unheard-of; a=1; b"),
    ),
    accepts_request(
        "request/unknown-extension-quoted", "6455 9.1", "a value may be a quoted string of a token",
        plus('Sec-WebSocket-Extensions: x-unheard-of; a="token"'),
    ),
    accepts_request(
        "request/extensions-in-two-lines", "6455 9.1", "the header may appear multiple times",
        plus("Sec-WebSocket-Extensions: x-one", "Sec-WebSocket-Extensions: x-two; b=c"),
    ),
    accepts_request(
        "request/origin", "6455 10.2", "a server that checks no origins accepts any; another says 403",
        plus("Origin: http://example.com"), also=((http(403), Want("end", ("eof", "kept"))),),
    ),
    accepts_request("request/byte-by-byte", "6455 4.2.1", "TCP has no messages", PLAIN, at_once=1),
    accepts_request("request/in-pieces-of-7", "6455 4.2.1", "TCP has no messages", PLAIN, at_once=7),
]

ANYTHING = tuple(range(400, 600))

LIMITS = [
    accepts_request(
        "request/line-of-100-kb", "7230 3.1.1",
        "a target longer than a server reads: 414; 8,000 bytes is what all should read",
        without(LINE, "GET {target}?" + "x" * 100_000 + " HTTP/1.1"), or_refuses=True,
    ),
    accepts_request(
        "request/header-of-100-kb", "7230 3.2.5", "there is no limit in the RFC; one is wise: 4xx",
        plus("X-Long: " + "x" * 100_000), or_refuses=True,
    ),
    accepts_request(
        "request/thousand-headers", "7230 3.2.5", "there is no limit in the RFC; one is wise: 4xx",
        plus(*(f"X-{n}: {n}" for n in range(1000))), or_refuses=True,
    ),
    Case(
        "request/frame-right-behind", "6455 4.1",
        "the client MUST wait for the response; a server may refuse it or take it as the first frame",
        (Send((PLAIN, text("early"))), Await(2), Send((BYE,))),
        strict=((OPEN, got_text("early"), *GOODBYE), (http(*ANYTHING), Want("end", ("eof", "kept")))),
        tolerated=((GONE,), (http(*ANYTHING), Want("end")), (OPEN, SILENT), (OPEN, got_text("early"), GOODBYE[0], GONE)),
        roles=(SERVER,), opening="none",
    ),
    Case(
        "request/body-behind", "7230 6.7",
        "a body is part of the request: none of it may be read as frames; most refuse it",
        (Send((plus("Content-Length: 6"), b"\x81\x80body", text("frame"))), Await(2), Send((BYE,))),
        strict=((http(*ANYTHING), Want("end", ("eof", "kept", "reset"))), (OPEN, got_text("frame"), *GOODBYE)),
        tolerated=((GONE,), (http(*ANYTHING), Want("end")), (OPEN, SILENT)),
        roles=(SERVER,), opening="none",
    ),
    Case(
        "request/chunked-body-behind", "7230 6.7",
        "a body is part of the request: none of it may be read as frames; most refuse it",
        (Send((plus("Transfer-Encoding: chunked"), "5\r\nhello\r\n0\r\n\r\n", text("frame"))), Await(2), Send((BYE,))),
        strict=((http(*ANYTHING), Want("end", ("eof", "kept", "reset"))), (OPEN, got_text("frame"), *GOODBYE)),
        tolerated=((GONE,), (http(*ANYTHING), Want("end")), (OPEN, SILENT)),
        roles=(SERVER,), opening="none",
    ),
]
# fmt: on

CASES = [*ACCEPTED, *LIMITS]
