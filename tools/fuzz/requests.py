"""
Requests: each is answered, with bytes that are one well-formed response.

A request in pieces gets the same answer as the whole, and is read as the same. A client that
reads the answer comes to an end too. What was parsed can be sent, and is parsed to the same.
Nothing but InvalidHandshake and those below it comes out; their texts hold no control
characters, and no password.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import NamedTuple

from ws_http import (
    ClientHandshake,
    InvalidHandshake,
    Origin,
    RequestParser,
    ResponseParser,
    ServerHandshake,
    parse_uri,
)

from .handshake import (
    BODIES,
    FACTORIES,
    FRAGMENTS,
    LINES,
    SUBPROTOCOLS,
    VERSIONS,
    check_text,
    cut_at_random,
    mutate,
)
from .invariant import require
from .payloads import cut

TARGETS = [
    "/",
    "/a?b",
    "*",
    "http://h:1/a",
    "wss://h?",
    "a",
    "/\xe9",
    "/#",
    "http:///",
    "//a",
    "h:80",
]
METHODS = ["GET"] * 6 + ["HEAD", "POST", "CONNECT", "get", "G(T", ""]

GOOD = ["GET / HTTP/1.1", LINES[0], LINES[2], LINES[4], LINES[6], LINES[8]]

#: The first byte is the size of the pieces, see :func:`read`.
SEEDS = [
    b"\0" + "\r\n".join([*GOOD, "", ""]).encode(),
    b"\1" + "\r\n".join([*GOOD, LINES[10], LINES[12], LINES[15], "", ""]).encode() + b"\x81\0",
    b"\7GET http://h:1/a?b HTTP/1.1\r\nHost: h:1\r\nContent-Length: 5\r\n\r\n12345",
    b"\3POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
    b"\0GET / HTTP/1.1\nHost: a\n\n",
    b"\0GET / HTTP/1.1\r\nHost: a\r\n folded\r\nA : b\r\n\r\n",
    b"\0" + "\r\n".join([*GOOD, "A: b", "", ""]).encode().replace(b"b", b"b\0"),
    b"\0GET /" + b"a" * 8192 + b" HTTP/1.1\r\n",
    b"\0GET / HTTP/1.1\r\n" + b"A: b\r\n" * 129,
    b"\0GET / HTTP/1.1\r\nA:" + b" " * 8180 + b"\1\r\n\r\n",
    b"\0GET http://" + b"a" * 8150 + b"# HTTP/1.1\r\n\r\n",
]

#: What makes up requests, for what mutates bytes.
WORDS = [text.encode("iso-8859-1") for text in (*LINES, *FRAGMENTS, *TARGETS)]


class Case(NamedTuple):
    pieces: list[bytes]


def make(rng: random.Random) -> Case:
    """Make a request: a good one, a wild one, or one between, with bytes behind it."""
    if rng.random() < 0.5:
        lines = list(GOOD)
    else:
        lines = [" ".join((rng.choice(METHODS), rng.choice(TARGETS), rng.choice(VERSIONS)))]
    lines += [rng.choice(LINES) for _ in range(rng.randrange(5))]
    if rng.random() < 0.2:
        rng.shuffle(lines)
    head = mutate(rng, "\r\n".join([*lines, "", ""]))
    data = head.encode("iso-8859-1", "replace") + rng.choice(BODIES)
    return Case(cut_at_random(rng, data))


def read(data: bytes) -> Case:
    """Take bytes as what is on the wire; the first one is the size of the pieces."""
    return Case(cut(data[1:], data[0] if data else 0))


def serve(data: Sequence[bytes]) -> tuple[str, bytes]:
    """Feed a server, and return what it makes of it and what it answers."""
    handshake = ServerHandshake(
        origins=[None, Origin("http://example.com")],
        extensions=FACTORIES,
        subprotocols=SUBPROTOCOLS,
    )
    for piece in data:
        handshake.receive_data(piece)
    handshake.receive_eof()
    require(handshake.done, "a server is not done at the end of the connection")
    try:
        if handshake.error is not None:
            raise handshake.error
        answer = handshake.accept()
        opening = handshake.opening
        return f"{opening._replace(extensions=[])!r} {opening.extensions!r}"[:400], answer
    except InvalidHandshake as exc:
        return check_text(exc), handshake.refuse(exc)


def check(case: Case) -> None:
    """Check what a server makes of a request."""
    data = b"".join(case.pieces)
    outcome, answer = serve([data])
    outcome_of_pieces, answer_to_pieces = serve(case.pieces)
    outcome, outcome_of_pieces = (
        outcome.split(" object at ")[0],
        outcome_of_pieces.split(" object at ")[0],
    )
    require(outcome == outcome_of_pieces, f"{outcome} whole, {outcome_of_pieces} in pieces")
    require(answer == answer_to_pieces, "another answer to the same in pieces")
    parser = ResponseParser()
    parser.receive_data(answer)
    require(parser.message is not None, "an answer is no response")
    client = ClientHandshake(parse_uri("ws://example.com/"))
    client.receive_data(answer)
    client.receive_eof()
    require(client.done, "a client does not come to an end with the answer of a server")
    check_round_trip(data)


def check_round_trip(data: bytes) -> None:
    """Check that a request that was parsed can be sent, and is parsed to the same."""
    parser, again = RequestParser(), RequestParser()
    try:
        parser.receive_data(data)
        if parser.message is None:
            return
        sent = parser.message.serialize()
    except (InvalidHandshake, ValueError):
        return  # ValueError: a target that is in no form that a client would send
    again.receive_data(sent)
    require(again.message == parser.message, "a request is parsed to another one")
