"""Requests that a server refuses (RFC 6455 §4.2.1, RFC 7230)."""

from __future__ import annotations

from ..case import OPENED, SERVER, SILENT, Case, Send, refuses_request
from ..tokens import Want, http
from .request import ABNF, CONNECTION, HOST, KEY, LINE, PLAIN, UPGRADE, VERSION, key, plus, without

__all__ = ["CASES"]

# What has to be in it (RFC 6455 §4.2.1). "the server MUST stop processing the client's
# handshake and return an HTTP response with an appropriate error code (such as 400 Bad
# Request)", also for "any violations of the ABNF grammar".

BAD = (400,)
NO_UPGRADE = (400, 426)  # 426 is for who asks for no WebSocket at all (RFC 7231 §6.5.15)

# fmt: off
CASES = [
    # The request line
    refuses_request(
        "request/post", ABNF, "the method of the request MUST be GET",
        without(LINE, "POST {target} HTTP/1.1", "Content-Length: 0"), 400, 405, 426, 501,
    ),
    refuses_request(
        "request/put", ABNF, "the method of the request MUST be GET",
        without(LINE, "PUT {target} HTTP/1.1", "Content-Length: 0"), 400, 405, 426, 501,
    ),
    refuses_request(
        "request/get-in-lower-case", "7230 3.1.1", "the method is case-sensitive",
        without(LINE, "get {target} HTTP/1.1"), 400, 405, 426, 501, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/http-1.0", ABNF, "an HTTP/1.1 or higher GET request",
        without(LINE, "GET {target} HTTP/1.0"), 400, 426, 505, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/http-2.0", "7230 2.6", "a major version that can't be in this syntax",
        without(LINE, "GET {target} HTTP/2.0"), 400, 426, 505, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/http-in-lower-case", "7230 2.6", "the name of the protocol is case-sensitive",
        without(LINE, "GET {target} http/1.1"), 400, 505, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/no-http-version", "7230 3.1.1", "HTTP/0.9 has no headers", without(LINE, "GET {target}"), 400, 505, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/two-spaces-before-target", "7230 3.1.1", "a single space",
        without(LINE, "GET  {target} HTTP/1.1"), 400,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/space-in-target", "7230 3.1.1", "no white space is allowed in the three parts",
        without(LINE, "GET {target}a b HTTP/1.1"), 400, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/target-without-slash", "7230 5.3.1", "none of the four forms", without(LINE, "GET chat HTTP/1.1"), 400, 404,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/target-with-fragment", "6455 3", "fragment identifiers MUST NOT be used",
        without(LINE, "GET {target}#top HTTP/1.1"), 400, 404, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/control-character-in-target", "7230 3.1.1", "no character of a target",
        without(LINE, "GET {target}\x01 HTTP/1.1"), 400, 404, tolerated=(OPENED,),
    ),
    # Headers that are none
    refuses_request(
        "request/no-colon", "7230 3.2", "no header field", plus("Nothing of the kind"), *BAD,
    ),
    refuses_request(
        "request/space-before-colon", "7230 3.2.4",
        "a server MUST reject white space between a name and its colon with 400",
        plus("X-Name : value"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/space-in-name", "7230 3.2", "a name is a token", plus("X Name: value"), *BAD,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/empty-name", "7230 3.2", "a name is a token", plus(": value"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/nul-in-value", "9110 5.5", "invalid and dangerous", plus("X-Name: a\x00b"), *BAD,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/control-character-in-value", "7230 3.2", "no character of a value", plus("X-Name: a\x01b"), *BAD,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/carriage-return-in-value", "9112 2.2",
        "a bare CR makes the element invalid, or is read as a space; this is safe only where it means nothing",
        plus("X-Name: a\rb"), *BAD, also=(OPENED,),
    ),
    refuses_request(
        "request/folded-header", "7230 3.2.4", "a server rejects obsolete line folding with 400, or unfolds it",
        plus("X-Name: a\r\n b"), *BAD, also=(OPENED,),
    ),
    refuses_request(
        "request/folded-before-any-header", "9112 2.2",
        "white space between the start line and the first header: rejected, or that line ignored",
        without(LINE, "GET {target} HTTP/1.1", " X-Name: a"), *BAD, also=(OPENED,),
    ),
    refuses_request(
        "request/line-feeds-only", "7230 3.5", "a recipient MAY recognize a single LF as a line end; else there is no end yet to wait for",
        PLAIN.replace("\r\n", "\n"), *BAD, also=(OPENED, (SILENT,)),
    ),
    # Host
    refuses_request("request/no-host", "7230 5.4", "a server MUST respond with 400", without(HOST), *BAD,
                    tolerated=(OPENED,)),
    refuses_request(
        "request/two-hosts", "7230 5.4", "a server MUST respond with 400",
        plus("Host: other.example"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/host-with-space", "7230 5.4", "an invalid value: a server MUST respond with 400",
        without(HOST, "Host: a b"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/host-with-path", "7230 5.4", "an invalid value: a server MUST respond with 400",
        without(HOST, "Host: example.com/path"), *BAD, tolerated=(OPENED,),
    ),
    # Upgrade, Connection
    refuses_request("request/no-upgrade", ABNF, "an Upgrade header is required", without(UPGRADE), *NO_UPGRADE),
    refuses_request(
        "request/other-upgrade", ABNF, "containing the value websocket", without(UPGRADE, "Upgrade: h2c"), *NO_UPGRADE,
    ),
    refuses_request(
        "request/longer-upgrade", ABNF, "another protocol, whose name begins alike",
        without(UPGRADE, "Upgrade: websockets"), *NO_UPGRADE,
    ),
    refuses_request("request/no-connection", ABNF, "a Connection header is required", without(CONNECTION), *NO_UPGRADE),
    refuses_request(
        "request/other-connection", ABNF, "that includes the token Upgrade",
        without(CONNECTION, "Connection: keep-alive"), *NO_UPGRADE,
    ),
    refuses_request(
        "request/longer-connection", ABNF, "another token, that ends alike",
        without(CONNECTION, "Connection: no-upgrade"), *NO_UPGRADE,
    ),
    # Sec-WebSocket-Key
    refuses_request("request/no-key", ABNF, "a key is required", without(KEY), *BAD),
    refuses_request("request/empty-key", ABNF, "16 bytes when decoded", key(""), *BAD,
                    tolerated=(OPENED,)),
    refuses_request("request/key-of-15-bytes", ABNF, "16 bytes when decoded", key(" AAAAAAAAAAAAAAAAAAAA"), *BAD,
                    tolerated=(OPENED,)),
    refuses_request("request/key-of-17-bytes", ABNF, "16 bytes when decoded", key(" AAAAAAAAAAAAAAAAAAAAAAA="), *BAD,
                    tolerated=(OPENED,)),
    refuses_request("request/key-without-padding", ABNF, "a base64-encoded value",
                    key(" dGhlIHNhbXBsZSBub25jZQ"), *BAD, tolerated=(OPENED,)),
    refuses_request("request/key-not-base64", ABNF, "a base64-encoded value",
                    key(" dGhlIHNhbXBs*SBub25jZQ=="), *BAD, tolerated=(OPENED,)),
    refuses_request("request/key-with-space", ABNF, "a base64-encoded value",
                    key(" dGhlIHNhbXBs ZSBub25jZQ=="), *BAD, tolerated=(OPENED,)),
    refuses_request(
        "request/two-keys", "6455 11.3.1", "MUST NOT appear more than once in a request",
        plus("Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="), *BAD,
        tolerated=(OPENED,),
    ),
    # Sec-WebSocket-Version
    Case(
        "request/version-8", "6455 4.2.2", "a server MUST abort, and send the versions that it knows",
        (Send((without(VERSION, "Sec-WebSocket-Version: 8"),)),),
        strict=((http(400, 426), Want("version", ("13",)), Want("end", ("eof", "kept"))),),
        tolerated=((http(*range(400, 600)), Want("version", optional=True), Want("end")), (Want("end", ("eof", "reset")),)),
        roles=(SERVER,), opening="none",
    ),
    refuses_request("request/no-version", ABNF, "a version is required", without(VERSION), *NO_UPGRADE),
    refuses_request(
        "request/version-not-a-number", ABNF, "with a value of 13", without(VERSION, "Sec-WebSocket-Version: x"), *NO_UPGRADE,
    ),
    refuses_request(
        "request/version-with-sign", "6455 4.3", "digits without anything else",
        without(VERSION, "Sec-WebSocket-Version: +13"), *NO_UPGRADE, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/version-with-zero", "6455 4.3", "no zero at the start",
        without(VERSION, "Sec-WebSocket-Version: 013"), *NO_UPGRADE, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/two-versions", "6455 11.3.5", "MUST NOT appear more than once in a request",
        plus("Sec-WebSocket-Version: 13"), *NO_UPGRADE, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/version-list", "6455 4.3", "one version in a request",
        without(VERSION, "Sec-WebSocket-Version: 13, 8"), *NO_UPGRADE, tolerated=(OPENED,),
    ),
    # Subprotocols, extensions
    refuses_request(
        "request/empty-subprotocol", "6455 4.3", "one token at least", plus("Sec-WebSocket-Protocol:"), *BAD,
        tolerated=(OPENED,),
    ),
    refuses_request(
        "request/subprotocol-with-space", "6455 4.3", "tokens, with commas between",
        plus("Sec-WebSocket-Protocol: a b"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/subprotocol-twice", "6455 4.1", "MUST all be unique strings",
        plus("Sec-WebSocket-Protocol: x-a, x-a"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/extension-without-name", "6455 9.1", "a violation of the ABNF",
        plus("Sec-WebSocket-Extensions: ; a=1"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/extension-parameter-without-value", "6455 9.1", "a violation of the ABNF",
        plus("Sec-WebSocket-Extensions: x-unheard-of; a="), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/extension-quoted-no-token", "6455 9.1", "the value after unquoting MUST conform to the token ABNF",
        plus('Sec-WebSocket-Extensions: x-unheard-of; a="b c"'), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/extension-quote-not-ended", "6455 9.1", "a violation of the ABNF",
        plus('Sec-WebSocket-Extensions: x-unheard-of; a="b'), *BAD, tolerated=(OPENED,),
    ),
    # Bodies: where one ends is where frames begin, so a doubt about it is a way in for others
    refuses_request(
        "request/two-content-lengths", "7230 3.3.3", "a server MUST respond with 400",
        plus("Content-Length: 0", "Content-Length: 5"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/content-length-with-sign", "7230 3.3.3", "invalid: a server MUST respond with 400",
        plus("Content-Length: +0"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/content-length-with-underscore", "7230 3.3.3", "invalid: a server MUST respond with 400",
        plus("Content-Length: 0_0"), *BAD, tolerated=(OPENED,),
    ),
    refuses_request(
        "request/unknown-transfer-encoding", "7230 3.3.1", "a coding that isn't understood: 501, or 400",
        plus("Transfer-Encoding: x-unheard-of"), 400, 501, tolerated=(OPENED,),
    ),
    # Not HTTP
    refuses_request(
        "request/tls", "6455 4.2.1", "the start of a TLS handshake, where there is no TLS",
        b"\x16\x03\x01\x00\xc4\x01\x00\x00\xc0\x03\x03" + bytes(range(1, 200)) + b"\r\n\r\n", *BAD,
        also=((Want("end", ("eof", "reset")),),),
    ),
    refuses_request(
        "request/garbage", "6455 4.2.1", "a line of something else",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n", *BAD, also=((Want("end", ("eof", "reset")),),),
    ),
    refuses_request(
        "request/frames-instead", "6455 4.2.1", "frames before any handshake",
        b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58\r\n\r\n", *BAD, also=((Want("end", ("eof", "reset")),),),
    ),
]
# fmt: on
