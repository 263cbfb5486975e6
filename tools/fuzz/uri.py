"""
URIs: each is refused, or is one that can be connected to: its host and its target fit a request.

What was parsed can be built, and is parsed to the same. A redirect to it is refused, or leads to
a URI without the credentials of another. Nothing but InvalidURI comes out, or what is documented
for redirects; their texts hold no control characters, and no password.
"""

from __future__ import annotations

import random
from typing import NamedTuple

from ws_http import (
    ClientHandshake,
    InvalidHeader,
    InvalidURI,
    SecurityError,
    ServerHandshake,
    build_host,
    build_uri,
    follow_redirect,
    parse_uri,
    redirect_uri,
)

from .handshake import PASSWORD, check_text
from .invariant import require

URI_PARTS = [
    "ws", "wss", "WS", "http", ":", "//", "/", "?", "#", "@", "user", f":{PASSWORD}@", f"user:{PASSWORD}@", "us%40er",
    "localhost", "example.com", "a.b", ".", "..", "[::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[", "]", "%", "%25",
    "%2F", "%00", "%C3%A9", "%FF", ":80", ":443", ":0", ":65536", ":99999999999", ":", "\\", " ", "\t", "\r\n", "\0",
    "\x7f", "m\u00fcnchen", "fa\u00df", "\u65e5\u672c\u8a9e", "\u3002", "\uff0e", "\uff0f", "\u00ad", "\u200d", "\u2603",
    "\U0001f600", "\u0627", "\u0661", "\ud800", "\u202e", "\u2028", "xn--", "xn--mnchen-3ya", "a" * 64, "1.2.3.4", "%zz",
    "/a?b=c", "<", ">", "^", "`", "{", "|", "}", '"', "'", "+", "-", "_", "~", "!", "$", "&", "(", "*", ",", ";", "=",
]  # fmt: skip


#: Stands for a password, and what goes around it, in bytes: mutations would move it elsewhere.
MARK = b"\x1a"

SEEDS = [
    b"ws://localhost/",
    b"wss://user" + MARK + b"example.com:8443/a/b?c=d",
    b"ws://[fe80::1%25eth0]:80?a",
    "ws://münchen.example/é?日本".encode(),
    b"ws://xn--mnchen-3ya/%zz",
    b"ws://a" + MARK + b"b" + MARK + b"c",
    b"//other/path",
    b"../a?b",
    b"http://example.com/#fragment",
    b"ws://" + b"a" * 8150 + b"#",
]

#: What makes up URIs, for what mutates bytes.
WORDS = [MARK, *(part.encode(errors="replace") for part in URI_PARTS if PASSWORD not in part)]


#: Where redirects come from.
URI = parse_uri(f"ws://user:{PASSWORD}@example.com/a/b?c")


class Case(NamedTuple):
    uri: str


def make(rng: random.Random) -> Case:
    """Make a URI, more or less."""
    parts = [rng.choice(URI_PARTS) for _ in range(rng.randrange(8))]
    return Case("".join((rng.choice(("ws://", "ws://", "wss://", "ws://localhost/", "")), *parts)))


def read(data: bytes) -> Case:
    """Take bytes as a URI in UTF-8; what is none becomes lone surrogates."""
    data = data.replace(PASSWORD.encode(), b"").replace(MARK, f":{PASSWORD}@".encode())
    return Case(data.decode(errors="surrogateescape"))


def check(case: Case) -> None:
    """Check that a URI is refused, or is one that can be connected to."""
    uri = case.uri
    check_redirect(uri)
    try:
        parsed = parse_uri(uri)
    except InvalidURI as exc:
        check_text(exc)
        return
    require(
        (parsed.host.isascii() and parsed.host == parsed.host.lower()) or "%" in parsed.host, "host"
    )
    require(0 < parsed.port < 65536, "port")
    require(PASSWORD not in repr(parsed._replace(resource_name="")), "a URI shows a password")
    require(parse_uri(build_uri(parsed)) == parsed, "a URI is parsed to another one")
    build_host(parsed.host, parsed.port, parsed.secure)
    server = ServerHandshake()
    server.receive_data(ClientHandshake(parsed).send_request())
    if len(uri) < 2000:
        require(server.error is None, f"a request for a URI is refused: {server.error}")


def check_redirect(location: str) -> None:
    """Check that a redirect is refused, or leads to a URI without the credentials of another."""
    try:
        target = follow_redirect(URI, redirect_uri(URI, location))
    except (InvalidURI, InvalidHeader, SecurityError) as exc:
        check_text(exc)
        return
    if target[:3] != URI[:3]:
        require(target.user_info is None, "a redirect carries credentials to another origin")
