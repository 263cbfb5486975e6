"""
Responses: a client comes to an end with each, whatever it is.

A response in pieces comes to the same as the whole: the same opening, and the same bytes behind
it, or the same exception and what is known of the response. Nothing but InvalidHandshake and
those below it comes out; their texts hold no control characters, and no password.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from ws_http import ClientHandshake, InvalidHandshake, Opening, parse_uri

from .handshake import (
    BODIES,
    FACTORIES,
    FRAGMENTS,
    KEY,
    LINES,
    PASSWORD,
    SUBPROTOCOLS,
    VERSIONS,
    check_text,
    cut_at_random,
    mutate,
)
from .invariant import require
from .payloads import cut

GOOD = ["HTTP/1.1 101 Switching Protocols", LINES[2], LINES[4], LINES[9]]
STATUSES = ["101 Switching Protocols"] * 3 + [
    "100 Continue", "200 OK", "204", "301 x", "302 ", "308 \xe9", "403 Forbidden", "600", "+10", "1_1 a", "",
]  # fmt: skip

#: The first byte is the size of the pieces, see :func:`read`.
SEEDS = [
    b"\0" + "\r\n".join([*GOOD, "", ""]).encode() + b"\x81\2hi",
    b"\1" + "\r\n".join([*GOOD, LINES[11], LINES[13], "", ""]).encode(),
    b"\5HTTP/1.1 302 Found\r\nLocation: //other/\r\nContent-Length: 2\r\n\r\nok",
    b"\2HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3;a=b\r\n123\r\n0\r\nA: b\r\n\r\n",
    b"\0HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 403 \xe9\r\n\r\nto the end",
    b"\0HTTP/1.1 +10 A\r\n\r\n",
    b"\0HTTP/1.0 204\r\nContent-Length: 1_0\r\n\r\n",
    b"\0HTTP/1.1 101 \r\nA:" + b" " * 8180 + b"\1\r\n\r\n",
]

#: What makes up responses, for what mutates bytes.
WORDS = [text.encode("iso-8859-1") for text in (*LINES, *FRAGMENTS, *STATUSES) if text]


class Case(NamedTuple):
    pieces: list[bytes]


def make(rng: random.Random) -> Case:
    """Make a response, with what may be a body or frames behind it."""
    lines = [f"{rng.choice(VERSIONS)} {rng.choice(STATUSES)}"]
    if rng.random() < 0.4:
        lines = list(GOOD)
    lines += [rng.choice(LINES) for _ in range(rng.randrange(4))]
    head = mutate(rng, "\r\n".join([*lines, "", ""]))
    if rng.random() < 0.1:
        head = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + head
    data = head.encode("iso-8859-1", "replace") + rng.choice(BODIES)
    return Case(cut_at_random(rng, data))


def read(data: bytes) -> Case:
    """Take bytes as what is on the wire; the first one is the size of the pieces."""
    return Case(cut(data[1:], data[0] if data else 0))


URI = parse_uri(f"ws://user:{PASSWORD}@example.com/a/b?c")


def judge(data: Sequence[bytes]) -> str:
    """Feed a client, and return what it makes of it."""
    handshake = ClientHandshake(URI, extensions=FACTORIES, subprotocols=SUBPROTOCOLS)
    handshake.key = KEY
    for piece in data:
        handshake.receive_data(piece)
    handshake.receive_eof()
    require(handshake.done, "a client is not done at the end of the connection")
    try:
        opening: Opening = handshake.result()
    except InvalidHandshake as exc:
        response = handshake.response
        return (
            f"{check_text(exc)} {response and (response.status, response.headers, response.body)}"
        )
    names = [extension.name for extension in opening.extensions]
    return f"{opening.response_headers!r} {opening.subprotocol} {names} {opening.trailing!r}"


def check(case: Case) -> None:
    """Check what a client makes of a response."""
    whole, in_pieces = judge([b"".join(case.pieces)]), judge(case.pieces)
    require(whole == in_pieces, f"{whole} whole, {in_pieces} in pieces")
