"""Responses that a client accepts or refuses, and its request (RFC 6455 §4.1, RFC 7230)."""

from __future__ import annotations

from ..case import BYE, CLIENT, GOODBYE, Await, Case, Send, accepts_response, refuses_response
from ..opening import RESPONSE, plain_response
from ..tokens import got_text
from ..wire import text

__all__ = ["CASES"]

PLAIN = plain_response()
LINE, UPGRADE, CONNECTION, ACCEPT = RESPONSE.splitlines(keepends=True)


def plus(*lines: str) -> str:
    """The plain response with more headers."""
    return RESPONSE + "".join(f"{line}\r\n" for line in lines) + "\r\n"


def without(line: str, *instead: str) -> str:
    """The plain response with other lines in the place of one of its own."""
    assert line in RESPONSE
    return RESPONSE.replace(line, "".join(f"{other}\r\n" for other in instead)) + "\r\n"


def refusal(status: str, *lines: str) -> str:
    """A response with another status, and everything else as if it were 101."""
    return without(LINE, f"HTTP/1.1 {status}", "Content-Length: 0", *lines)


def request(id: str, rfc: str, why: str, name: str, pattern: str | None) -> Case:
    """What the request of the client has to be; the response is a plain one."""
    return Case(
        f"response/request-{id}",
        rfc,
        why,
        (Send((PLAIN, text("probe"))), Await(1), Send((BYE,))),
        strict=((got_text("probe"), *GOODBYE),),
        roles=(CLIENT,),
        opening="none",
        request=((name, pattern),),
    )


REQUESTS = [
    request("line", "6455 4.1", "GET, the resource name, HTTP/1.1", ":line", r"GET /strict\?case=1 HTTP/1\.1"),
    request("host", "6455 4.1", "the host, with the port unless it is the default", "Host", r"127\.0\.0\.1:[0-9]+"),
    request("upgrade", "6455 4.1", "the keyword websocket, once", "Upgrade", r"(?i)websocket"),
    request("connection", "6455 4.1", "it MUST include the token Upgrade", "Connection", r"(?i)(.*,\s*)?upgrade(\s*,.*)?"),
    request(
        "key", "6455 4.1", "16 bytes in base64: the last character has four bits that are 0",
        "Sec-WebSocket-Key", r"[A-Za-z0-9+/]{21}[AQgw]==",
    ),
    request("version", "6455 4.1", "the value MUST be 13", "Sec-WebSocket-Version", "13"),
    request("no-accept", "6455 11.3.3", "it is a header of responses", "Sec-WebSocket-Accept", None),
    request("no-body", "6455 4.1", "there is none behind it", "Transfer-Encoding", None),
]  # fmt: skip

ACCEPTED = [
    accepts_response("response/plain", "6455 1.3", "the example of the RFC", PLAIN),
    accepts_response(
        "response/lower-case-names", "7230 3.2", "names are case-insensitive",
        RESPONSE.replace("Upgrade:", "upgrade:").replace("Connection:", "connection:")
        .replace("Sec-WebSocket-Accept", "sec-websocket-accept") + "\r\n",
    ),
    accepts_response(
        "response/upgrade-in-capitals", "6455 4.1", "an ASCII case-insensitive match",
        without(UPGRADE, "Upgrade: WebSocket"),
    ),
    accepts_response(
        "response/connection-in-lower-case", "6455 4.1", "an ASCII case-insensitive match",
        without(CONNECTION, "Connection: upgrade"),
    ),
    accepts_response(
        "response/connection-list", "6455 4.1", "it contains the token",
        without(CONNECTION, "Connection: keep-alive, Upgrade"), refusal_tolerated=True,
    ),
    accepts_response(
        "response/connection-in-two-lines", "7230 3.2.2", "the same as one line with a comma",
        without(CONNECTION, "Connection: keep-alive", "Connection: Upgrade"), refusal_tolerated=True,
    ),
    accepts_response(
        "response/no-space-behind-colons", "7230 3.2.3", "white space is optional there", PLAIN.replace(": ", ":"),
    ),
    accepts_response(
        "response/space-around-accept", "6455 4.1", "ignoring any leading and trailing white space",
        without(ACCEPT, "Sec-WebSocket-Accept: \t {accept} \t "),
    ),
    accepts_response(
        "response/other-reason", "7230 3.1.2", "a client SHOULD ignore the reason phrase",
        without(LINE, "HTTP/1.1 101 Do As You Like"),
    ),
    accepts_response("response/empty-reason", "7230 3.1.2", "the phrase may be empty", without(LINE, "HTTP/1.1 101 ")),
    accepts_response(
        "response/no-space-behind-status", "7230 3.1.2",
        "the grammar has a space there, and what follows it is to be ignored",
        without(LINE, "HTTP/1.1 101"), or_refuses=True,
    ),
    accepts_response(
        "response/http-1.2", "7230 2.6", "a recipient treats a higher minor version as the highest that it knows",
        without(LINE, "HTTP/1.2 101 Switching Protocols"), refusal_tolerated=True,
    ),
    accepts_response(
        "response/unknown-headers", "7230 3.2.1", "a client ignores what it doesn't know",
        plus("Server: strictness", "Set-Cookie: a=b", "Set-Cookie: c=d", "X-Empty:"),
    ),
    accepts_response(
        "response/bytes-over-127-in-a-value", "7230 3.2.4", "treated as opaque data",
        plus("X-Name: J\xfcrgen"), refusal_tolerated=True,
    ),
    accepts_response(
        "response/content-length", "7230 3.3.2", "a server MUST NOT send it, and a 1xx response has no body anyway",
        plus("Content-Length: 0"), or_refuses=True,
    ),
    accepts_response(
        "response/100-before-it", "7231 6.2", "a client MUST be able to parse 1xx responses before the final one",
        "HTTP/1.1 100 Continue\r\n\r\n" + PLAIN, refusal_tolerated=True,
    ),
    accepts_response(
        "response/103-before-it", "8297 2", "early hints are a 1xx response too",
        "HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n" + PLAIN, refusal_tolerated=True,
    ),
    accepts_response("response/byte-by-byte", "6455 4.1", "TCP has no messages", PLAIN, at_once=1),
    Case(
        "response/frame-right-behind", "6455 4.2.2", "the server may send data as soon as it has accepted",
        (Send((PLAIN, text("early"))), Await(1), Send((BYE,))),
        strict=((got_text("early"), *GOODBYE),), roles=(CLIENT,), opening="none",
    ),
    Case(
        "response/two-frames-right-behind", "6455 4.2.2", "the server may send data as soon as it has accepted",
        (Send((PLAIN, text("one"), text("two"))), Await(2), Send((BYE,))),
        strict=((got_text("one"), got_text("two"), *GOODBYE),), roles=(CLIENT,), opening="none",
    ),
    Case(
        "response/half-a-frame-right-behind", "6455 4.2.2", "the rest of it may come later",
        (Send((PLAIN, text("halves")), first=-4), Send((text("halves"),), skip=4), Await(1), Send((BYE,))),
        strict=((got_text("halves"), *GOODBYE),), roles=(CLIENT,), opening="none",
    ),
    accepts_response(
        "response/folded-header", "7230 3.2.4",
        "a user agent reads a folded line as one; a client that takes it for an error opens nothing by mistake",
        plus("X-Name: a\r\n b"), or_refuses=True,
    ),
    accepts_response(
        "response/line-feeds-only", "7230 3.5", "a recipient MAY recognize a single LF as a line end; else there is none yet",
        PLAIN.replace("\r\n", "\n"), or_refuses=True, or_waits=True,
    ),
]  # fmt: skip

REFUSED = [
    # The status line
    refuses_response("response/status-200", "6455 4.1", "not 101", refusal("200 OK")),
    refuses_response("response/status-204", "6455 4.1", "not 101", without(LINE, "HTTP/1.1 204 No Content")),
    refuses_response("response/status-302", "6455 4.1", "not 101, and nowhere to go", refusal("302 Found")),
    refuses_response("response/status-400", "6455 4.1", "not 101", refusal("400 Bad Request")),
    refuses_response("response/status-401", "6455 4.1", "not 101", refusal("401 Unauthorized", 'WWW-Authenticate: Basic realm="x"')),
    refuses_response("response/status-404", "6455 4.1", "not 101", refusal("404 Not Found")),
    refuses_response("response/status-426", "6455 4.1", "not 101", refusal("426 Upgrade Required", "Sec-WebSocket-Version: 14")),
    refuses_response("response/status-500", "6455 4.1", "not 101", refusal("500 Internal Server Error")),
    refuses_response("response/status-1010", "7230 3.1.2", "a status has three digits", refusal("1010 Switching Protocols")),
    refuses_response("response/status-with-sign", "7230 3.1.2", "three digits and nothing else", refusal("+101 Switching Protocols")),
    refuses_response("response/status-not-a-number", "7230 3.1.2", "three digits", refusal("1O1 Switching Protocols")),
    refuses_response(
        "response/http-1.0", "7230 6.7", "Upgrade is a header of HTTP/1.1",
        without(LINE, "HTTP/1.0 101 Switching Protocols"), tolerates_opening=True,
    ),
    refuses_response(
        "response/http-2.0", "7230 2.6", "a major version that can't be in this syntax",
        without(LINE, "HTTP/2.0 101 Switching Protocols"), tolerates_opening=True,
    ),
    refuses_response(
        "response/not-http", "7230 3.1.2", "another protocol", without(LINE, "ICY/1.1 101 Switching Protocols"),
    ),
    refuses_response("response/http-0.9", "7230 3.1.2", "no status line at all", "<html>not found</html>\r\n\r\n"),
    refuses_response(
        "response/ssh", "7230 3.1.2", "the other side speaks something else", "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ),
    # Upgrade, Connection
    refuses_response("response/no-upgrade", "6455 4.1", "the client MUST fail the connection", without(UPGRADE)),
    refuses_response(
        "response/other-upgrade", "6455 4.1", "the client MUST fail the connection", without(UPGRADE, "Upgrade: h2c"),
    ),
    refuses_response(
        "response/longer-upgrade", "6455 4.1", "the client MUST fail the connection", without(UPGRADE, "Upgrade: websockets"),
    ),
    refuses_response("response/no-connection", "6455 4.1", "the client MUST fail the connection", without(CONNECTION)),
    refuses_response(
        "response/other-connection", "6455 4.1", "the client MUST fail the connection", without(CONNECTION, "Connection: close"),
    ),
    refuses_response(
        "response/longer-connection", "6455 4.1", "another token, that ends alike", without(CONNECTION, "Connection: no-upgrade"),
    ),
    # Sec-WebSocket-Accept
    refuses_response("response/no-accept", "6455 4.1", "the client MUST fail the connection", without(ACCEPT)),
    refuses_response(
        "response/empty-accept", "6455 4.1", "the client MUST fail the connection", without(ACCEPT, "Sec-WebSocket-Accept:"),
    ),
    refuses_response(
        "response/accept-of-another-key", "6455 4.1", "the client MUST fail the connection",
        without(ACCEPT, "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ),
    refuses_response(
        "response/accept-and-more", "6455 4.1", "the client MUST fail the connection",
        without(ACCEPT, "Sec-WebSocket-Accept: {accept}x"),
    ),
    refuses_response(
        "response/accept-without-padding", "6455 4.1", "the client MUST fail the connection",
        without(ACCEPT, "Sec-WebSocket-Accept: {accept}").replace("{accept}", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo"),
    ),
    refuses_response(
        "response/two-accepts", "6455 11.3.3", "MUST NOT appear more than once in a response",
        plus("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo="), tolerates_opening=True,
    ),
    # What was not asked for
    refuses_response(
        "response/subprotocol-not-offered", "6455 4.1", "the client MUST fail the connection",
        plus("Sec-WebSocket-Protocol: x-unheard-of.example"),
    ),
    refuses_response(
        "response/extension-not-offered", "6455 4.1", "the client MUST fail the connection",
        plus("Sec-WebSocket-Extensions: x-unheard-of"),
    ),
    refuses_response(
        "response/extension-malformed", "6455 9.1", "a violation of the ABNF",
        plus("Sec-WebSocket-Extensions: ; ="),
    ),
    # Headers that are none
    refuses_response(
        "response/no-colon", "7230 3.2", "no header field", plus("Nothing of the kind"), tolerates_opening=True,
    ),
    refuses_response(
        "response/space-in-name", "7230 3.2", "a name is a token", plus("X Name: value"), tolerates_opening=True,
    ),
    refuses_response(
        "response/space-before-colon", "7230 3.2.4", "no white space is allowed there",
        plus("X-Name : value"), tolerates_opening=True,
    ),
    refuses_response(
        "response/empty-name", "7230 3.2", "a name is a token", plus(": value"), tolerates_opening=True,
    ),
    refuses_response(
        "response/nul-in-value", "9110 5.5", "invalid and dangerous", plus("X-Name: a\x00b"), tolerates_opening=True,
    ),
]  # fmt: skip

CASES = [*REQUESTS, *ACCEPTED, *REFUSED]
