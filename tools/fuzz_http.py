"""
Fuzz the opening handshake: requests, responses, URIs and header values, made at random.

What must hold for each input, whatever it is:

* Nothing but the documented exceptions comes out: InvalidHandshake and those below it for what
  a peer sends, InvalidURI for a URI, ValueError for what a caller wants to send. Their texts
  hold no control characters, and no password.
* What comes in pieces comes to the same as what comes whole: the same message or the same
  exception, and the same bytes behind it.
* Every request is answered, with bytes that are one well-formed response, and a client that
  reads them comes to an end too.
* Building and parsing are inverse: what was parsed can be built, and parsed again to the same.
* A URI that was parsed can be connected to: its host and its target fit into a request.

python tools/fuzz_http.py                                 10,000 inputs of each kind
python tools/fuzz_http.py --count 1000000 --seed 7 uris   a million URIs, always the same ones

It stops at the first input for which something does not hold, shows it, and exits with 1.
"""

from __future__ import annotations

import argparse
import base64
import random
import sys
import time
import traceback
from collections.abc import Sequence
from typing import Callable

from ws_frames import RSV1, RSV2, Extension
from ws_http import (
    ClientHandshake,
    ExtensionName,
    ExtensionParameter,
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidURI,
    NegotiationError,
    Opening,
    Origin,
    RequestParser,
    ResponseParser,
    SecurityError,
    ServerHandshake,
    Subprotocol,
    build_basic_auth,
    build_challenges,
    build_extension,
    build_host,
    build_subprotocol,
    build_uri,
    follow_redirect,
    parse_basic_auth,
    parse_challenges,
    parse_connection,
    parse_extension,
    parse_subprotocol,
    parse_upgrade,
    parse_uri,
    redirect_uri,
)

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
VERSIONS = ["HTTP/1.1"] * 6 + ["HTTP/1.0", "HTTP/1.2", "HTTP/2.0", "HTTP/1", "http/1.1", ""]
STATUSES = ["101 Switching Protocols"] * 3 + [
    "100 Continue", "200 OK", "204", "301 x", "302 ", "308 \xe9", "403 Forbidden", "600", "+10", "1_1 a", "",
]  # fmt: skip
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

URI_PARTS = [
    "ws", "wss", "WS", "http", ":", "//", "/", "?", "#", "@", "user", f":{PASSWORD}@", f"user:{PASSWORD}@", "us%40er",
    "localhost", "example.com", "a.b", ".", "..", "[::1]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[", "]", "%", "%25",
    "%2F", "%00", "%C3%A9", "%FF", ":80", ":443", ":0", ":65536", ":99999999999", ":", "\\", " ", "\t", "\r\n", "\0",
    "\x7f", "m\u00fcnchen", "fa\u00df", "\u65e5\u672c\u8a9e", "\u3002", "\uff0e", "\uff0f", "\u00ad", "\u200d", "\u2603",
    "\U0001f600", "\u0627", "\u0661", "\ud800", "\u202e", "\u2028", "xn--", "xn--mnchen-3ya", "a" * 64, "1.2.3.4", "%zz",
    "/a?b=c", "<", ">", "^", "`", "{", "|", "}", '"', "'", "+", "-", "_", "~", "!", "$", "&", "(", "*", ",", ";", "=",
]  # fmt: skip

VALUE_PARTS = [
    "a", "b", "x-one", "websocket", "Upgrade", "permessage-deflate", "client_max_window_bits", "=", ";", ",", " ", "\t",
    '"', "\\", '"a"', '"a b"', '""', '"\\a"', "/", "13", "Basic", "Basic ", "Digest ", "dTpodW50ZXIy", "Og==", "=", "==",
    'realm="a"', "realm=", 'charset="UTF-8"', "\xe9", "\xff", "\x7f", "\0", "\r\n", "|", "(", "@", "?", "~", ",,", ", ",
    "a," * 70, "a;b," * 50, '"' * 5, "\u20ac", "\ud800",
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


class Broken(Exception):
    """Something that must hold does not."""


def require(condition: bool, what: str) -> None:
    """Raise Broken with ``what`` unless ``condition`` holds."""
    if not condition:
        raise Broken(what)


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


def pieces(rng: random.Random, data: bytes) -> list[bytes]:
    """Cut data at up to six places, or between all bytes."""
    if len(data) < 400 and rng.random() < 0.1:
        return [data[pos : pos + 1] for pos in range(len(data))]
    cuts = sorted(rng.randrange(len(data) + 1) for _ in range(rng.randrange(6)))
    return [data[start:end] for start, end in zip([0, *cuts], [*cuts, len(data)])]


def check_text(exc: BaseException) -> str:
    """Check what an exception says, and return it."""
    text = str(exc)
    require(
        text.isprintable() and len(text) < 1000, "the text of an exception is not fit for a log"
    )
    require(PASSWORD not in text and PASSWORD not in repr(exc), "an exception shows a password")
    return f"{type(exc).__name__}: {text}"


# Requests


def make_request(rng: random.Random) -> bytes:
    """Make a request: a good one, a wild one, or one between, with bytes behind it."""
    if rng.random() < 0.5:
        lines = ["GET / HTTP/1.1", LINES[0], LINES[2], LINES[4], LINES[6], LINES[8]]
    else:
        lines = [" ".join((rng.choice(METHODS), rng.choice(TARGETS), rng.choice(VERSIONS)))]
    lines += [rng.choice(LINES) for _ in range(rng.randrange(5))]
    if rng.random() < 0.2:
        rng.shuffle(lines)
    head = mutate(rng, "\r\n".join([*lines, "", ""]))
    return head.encode("iso-8859-1", "replace") + rng.choice(BODIES)


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


def check_request(rng: random.Random, data: bytes) -> None:
    """Check what a server makes of a request."""
    outcome, answer = serve([data])
    outcome_of_pieces, answer_to_pieces = serve(pieces(rng, data))
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


# Responses


def make_response(rng: random.Random) -> bytes:
    """Make a response, with what may be a body or frames behind it."""
    if rng.random() < 0.4:
        lines = ["HTTP/1.1 101 Switching Protocols", LINES[2], LINES[4], LINES[9]]
    else:
        lines = [f"{rng.choice(VERSIONS)} {rng.choice(STATUSES)}"]
    lines += [rng.choice(LINES) for _ in range(rng.randrange(4))]
    head = mutate(rng, "\r\n".join([*lines, "", ""]))
    if rng.random() < 0.1:
        head = "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n" + head
    return head.encode("iso-8859-1", "replace") + rng.choice(BODIES)


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


def check_response(rng: random.Random, data: bytes) -> None:
    """Check what a client makes of a response."""
    whole, cut = judge([data]), judge(pieces(rng, data))
    require(whole == cut, f"{whole} whole, {cut} in pieces")


# URIs


def make_uri(rng: random.Random) -> str:
    """Make a URI, more or less."""
    parts = [rng.choice(URI_PARTS) for _ in range(rng.randrange(8))]
    return "".join((rng.choice(("ws://", "ws://", "wss://", "ws://localhost/", "")), *parts))


def check_uri(rng: random.Random, uri: str) -> None:
    """Check that a URI is refused, or is one that can be connected to."""
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


# Header values


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


def check_value(rng: random.Random, value: str) -> None:
    """Check that each parser refuses a value, or gives what can be built to the same."""
    for parse, build in PAIRS:
        try:
            parsed = parse(value)
        except (InvalidHeader, SecurityError) as exc:
            check_text(exc)
            continue
        again = parse(build(parsed))
        unique = list(dict.fromkeys(parsed)) if parse is parse_subprotocol else parsed  # type: ignore[call-overload]
        require(again == unique, f"{parsed!r} is parsed to {again!r}")
    check_headers(rng, value)


def check_headers(rng: random.Random, value: str) -> None:
    """Check that a value is refused where it is set, or comes through as it is."""
    headers = Headers()
    try:
        headers[rng.choice(("A", "A", "A", value))] = value
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


KINDS: dict[str, tuple[Callable[[random.Random], object], Callable[..., None]]] = {
    "requests": (make_request, check_request),
    "responses": (make_response, check_response),
    "uris": (make_uri, check_uri),
    "values": (make_value, check_value),
}


def fuzz(kind: str, count: int, seed: int) -> bool:
    """Check ``count`` inputs of a kind; show the first one that does not pass, and return False."""
    make, check = KINDS[kind]
    rng = random.Random(f"{seed} {kind}")
    start = time.perf_counter()
    for number in range(count):
        data = make(rng)
        try:
            check(rng, data)
        except Exception:  # noqa: BLE001 - that is what it looks for
            traceback.print_exc(file=sys.stdout)
            print(f"{kind}: input {number} of seed {seed} does not pass: {data!r}")
            return False
    print(
        f"{kind}: {count} inputs of seed {seed} pass in {time.perf_counter() - start:.0f} s",
        flush=True,
    )
    return True


def main(args: Sequence[str] | None = None) -> int:
    """Run as a command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0].strip())
    parser.add_argument(
        "kinds", nargs="*", choices=[*KINDS, []], help="what to make; all by default"
    )
    parser.add_argument("--count", type=int, default=10_000, help="inputs of each kind")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(args)
    passed = [fuzz(kind, options.count, options.seed) for kind in options.kinds or KINDS]
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
