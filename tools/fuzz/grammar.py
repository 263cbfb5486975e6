"""
Values of headers: each parser refuses one, or gives what can be built and is parsed to the same.

A value that may be set in Headers comes through a request as it is; any other is refused with a
ValueError, and not shown. Nothing but InvalidHeader and SecurityError comes out of the parsers;
their texts hold no control characters, and no password.
"""

from __future__ import annotations

import base64
import random
from typing import Callable, NamedTuple

from ws_http import (
    Headers,
    InvalidHeader,
    RequestParser,
    SecurityError,
    build_basic_auth,
    build_challenges,
    build_extension,
    build_subprotocol,
    parse_basic_auth,
    parse_challenges,
    parse_connection,
    parse_extension,
    parse_subprotocol,
    parse_upgrade,
)

from .handshake import check_text
from .invariant import require

VALUE_PARTS = [
    "a", "b", "x-one", "websocket", "Upgrade", "permessage-deflate", "client_max_window_bits", "=", ";", ",", " ", "\t",
    '"', "\\", '"a"', '"a b"', '""', '"\\a"', "/", "13", "Basic", "Basic ", "Digest ", "dTpodW50ZXIy", "Og==", "=", "==",
    'realm="a"', "realm=", 'charset="UTF-8"', "\xe9", "\xff", "\x7f", "\0", "\r\n", "|", "(", "@", "?", "~", ",,", ", ",
    "a," * 70, "a;b," * 50, '"' * 5, "\u20ac", "\ud800",
]  # fmt: skip


#: The first byte says whether the value is the header's name too, see :func:`read`.
SEEDS = [
    b'\0permessage-deflate; client_max_window_bits=10; a="b c", x-one',
    b"\0chat, superchat",
    b"\0keep-alive, Upgrade",
    b"\0h2c, WebSocket/13",
    b'\0Basic realm="a, b", charset="UTF-8", Digest realm="\\"", Negotiate dTpodW50ZXIy==',
    b"\0Basic dTpodW50ZXIy",
    b"\0Basic Og==",
    b"\1token",
    b"\1A: b\r\nC: d",
    b"\2" + "é€".encode(),
]

#: What makes up values, for what mutates bytes.
WORDS = [part.encode(errors="replace") for part in VALUE_PARTS]


class Case(NamedTuple):
    value: str
    as_name: bool  # whether it is the header's name too


def make(rng: random.Random) -> Case:
    return Case(make_value(rng), rng.random() < 0.25)


def read(data: bytes) -> Case:
    """Take bytes as a value; they may stand for ISO-8859-1 as in a header, or for UTF-8."""
    flags = data[0] if data else 0
    encoding = "utf-8" if flags & 2 else "iso-8859-1"
    return Case(data[1:].decode(encoding, errors="surrogateescape"), bool(flags & 1))


def make_value(rng: random.Random) -> str:
    """Make the value of a header; often of one that is base64, which chance would not find."""
    if rng.random() < 0.1:
        credentials = bytes(rng.choice(b":ab\xc3\xa9\0\xff") for _ in range(rng.randrange(7)))
        return f"Basic {base64.b64encode(credentials).decode()}"
    return "".join(rng.choice(VALUE_PARTS) for _ in range(rng.randrange(9)))


PAIRS: list[tuple[Callable[[str], object], Callable[..., str]]] = [
    (parse_extension, build_extension),
    (parse_subprotocol, lambda names: build_subprotocol(list(dict.fromkeys(names)))),
    (parse_connection, ", ".join),
    (parse_upgrade, ", ".join),
    (parse_challenges, build_challenges),
    (parse_basic_auth, lambda pair: build_basic_auth(*pair)),
]


def check(case: Case) -> None:
    """Check that each parser refuses a value, or gives what can be built to the same."""
    value = case.value
    for parse, build in PAIRS:
        try:
            parsed = parse(value)
        except (InvalidHeader, SecurityError) as exc:
            check_text(exc)
            continue
        again = parse(build(parsed))
        unique = list(dict.fromkeys(parsed)) if parse is parse_subprotocol else parsed  # type: ignore[call-overload]
        require(again == unique, f"{parsed!r} is parsed to {again!r}")
    check_headers(value, "A" if not case.as_name else value)


def check_headers(value: str, name: str) -> None:
    """Check that a value is refused where it is set, or comes through as it is."""
    headers = Headers()
    try:
        headers[name] = value
    except ValueError as exc:
        require(value not in str(exc) or len(value) < 15, "a refused value is shown")
        return
    parser = RequestParser()
    try:
        parser.receive_data(b"GET / HTTP/1.1\r\n" + headers.serialize())
    except SecurityError:
        return
    require(parser.message is not None, "headers do not end")
    if parser.message is not None:
        items = [(name, value.strip(" \t")) for name, value in headers.raw_items()]
        require(list(parser.message.headers.raw_items()) == items, "headers are parsed to others")
