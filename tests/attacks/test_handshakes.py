"""Attacks on the opening handshake: silence, slowness, garbage, and too much of anything."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Callable

import pytest

from attack.wire import PATIENCE, Listener, Peer, dial, request, response

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Measure, Start, Victim

pytestmark = pytest.mark.attacks

MIB = 2**20

#: Seconds that a handshake may take, instead of the ten of the default.
OPEN_TIMEOUT = 1.0

#: Seconds between two bytes of a peer that is slow.
PAUSE = 0.02

LONG = b"x" * 8_193


def fields(count: int, size: int = 1) -> bytes:
    return b"".join(b"X-%d: %s\r\n" % (number, b"x" * size) for number in range(count))


def slowly(data: bytes) -> Iterator[bytes]:
    """Give one byte after the other, without end."""
    for start in range(len(data)):
        time.sleep(PAUSE)
        yield data[start : start + 1]
    while True:
        time.sleep(PAUSE)
        yield b"x"


def status(peer: Peer) -> int | None:
    """The status code of the response that came, if one came."""
    line = bytes(peer.buffer).partition(b"\r\n")[0].split()
    return int(line[1]) if line[:1] == [b"HTTP/1.1"] else None


# Servers


STARTS = {
    "nothing": b"",
    "half a request": request()[:40],
    "a request but for its end": request()[:-2],
}


@pytest.mark.parametrize("sent", STARTS.values(), ids=STARTS)
def test_a_client_that_falls_silent_is_refused_in_time(
    sent: bytes, kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, open_timeout=OPEN_TIMEOUT, close_timeout=OPEN_TIMEOUT)
    with measure(victim, "silence in the handshake", growth=MIB):
        peer = dial(victim.port)
        peer.sock.sendall(sent)
        assert ends(peer, 2 * OPEN_TIMEOUT)
        assert status(peer) == 408
        peer.close()


def test_a_client_that_is_slow_is_refused_in_time(
    kind: Kind, victims: Start, measure: Measure
) -> None:
    victim = victims(kind, open_timeout=OPEN_TIMEOUT, close_timeout=OPEN_TIMEOUT)
    with measure(victim, "a request in slow bytes", growth=MIB):
        peer = dial(victim.port)
        assert peer.exchange(slowly(request()), patience=PATIENCE)
        assert status(peer) == 408
        peer.close()


def test_a_client_that_is_silent_in_tls_is_dropped_in_time(
    kind: Kind, victims: Start, certificate: str
) -> None:
    victim = victims(kind, "--tls", certificate, open_timeout=OPEN_TIMEOUT)
    before = victim.ask("stats")
    peer = dial(victim.port)
    assert ends(peer, 2 * OPEN_TIMEOUT)
    assert status(peer) is None
    peer.close()
    victim.settle(lambda stats: stats["descriptors"] <= before["descriptors"])


def test_one_deadline_is_over_tls_and_the_request(
    kind: Kind, victims: Start, certificate: str
) -> None:
    timeout = 2.0
    victim = victims(kind, "--tls", certificate, open_timeout=timeout)
    context = ssl.create_default_context(cafile=certificate)
    peer = dial(victim.port)
    start = time.monotonic()
    time.sleep(0.75 * timeout)
    with context.wrap_socket(peer.sock, server_hostname="localhost") as tls:
        received = tls.recv(65_536)
    took = time.monotonic() - start
    assert received.startswith(b"HTTP/1.1 408 ")
    assert took < 1.5 * timeout


def ends(peer: Peer, within: float) -> bool:
    """Whether the victim ends TCP by itself."""
    return peer.exchange([], patience=within + 5)


TOO_MUCH = {
    "a target over 8,192 bytes": (b"GET /" + LONG + b" HTTP/1.1\r\n\r\n", 414),
    "a request line without end": (b"GET /" + b"x" * MIB, 414),
    "a header over 8,192 bytes": (b"GET / HTTP/1.1\r\nX: " + LONG + b"\r\n\r\n", 431),
    "a header without end": (b"GET / HTTP/1.1\r\nX: " + b"x" * MIB, 431),
    "129 headers": (b"GET / HTTP/1.1\r\n" + fields(129) + b"\r\n", 431),
    "headers without end": (b"GET / HTTP/1.1\r\n" + fields(50_000), 431),
    "headers over 65,536 bytes": (b"GET / HTTP/1.1\r\n" + fields(20, 4_000), 431),
    "a TLS handshake": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\n" * 505, 400),
    "zeros": (bytes(MIB), 414),
    "empty lines": (b"\r\n" * 100_000, 400),
}


@pytest.mark.parametrize(("sent", "code"), TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_request_of_garbage_is_refused(
    sent: bytes, code: int, victim: Victim, measure: Measure
) -> None:
    with measure(victim, "garbage for a request", growth=MIB):
        peer = dial(victim.port)
        if not sent.endswith(b"\r\n\r\n"):
            assert peer.exchange([sent], lambda peer: status(peer) is not None)
        else:
            assert peer.exchange([sent])
        assert status(peer) == code
        peer.close()


def lines(name: str, value: bytes) -> bytes:
    """As much of one header as fits in a head."""
    line = name.encode() + b": " + value[: 8_190 - len(name)] + b"\r\n"
    return line * 7


#: The longest request is parsed within 20 ms, with the margin that BUSY has.
PARSED = 0.04

SLOW_TO_PARSE = {
    "spaces behind a value": lines("X", b"x" + b" " * 8_192),
    "spaces inside a value": lines("X", b" x" * 4_096),
    "128 headers": fields(120, 500),
    "commas": lines("Connection", b"," * 8_192),
    "connection options": lines("Connection", b"a," * 4_096),
    "upgrades": lines("Upgrade", b"a/b," * 2_048),
    "extensions": lines("Sec-WebSocket-Extensions", b"a," * 4_096),
    "extensions with many parameters": lines("Sec-WebSocket-Extensions", b"a" + b";b" * 4_096),
    "extensions with a quoted value": lines(
        "Sec-WebSocket-Extensions", b'a;b="' + b"\\x" * 4_000 + b'"'
    ),
    "extensions with many quoted values": lines(
        "Sec-WebSocket-Extensions",
        b'a;b="\\x",' * 8 + b'a;b="' + b"\\x" * 3_900 + b'",' + b'a;b="\\x",' * 8 + b"c",
    ),
    "offers of compression": lines("Sec-WebSocket-Extensions", b"permessage-deflate," * 431),
    "subprotocols": lines("Sec-WebSocket-Protocol", b"a," * 4_096),
    "forwarded addresses": lines("X-Forwarded-For", b"1.1.1.1, " * 1_000),
    "bytes that are no ASCII": lines("X", b"\xff" * 8_192),
}


@pytest.mark.parametrize("sent", SLOW_TO_PARSE.values(), ids=SLOW_TO_PARSE)
def test_no_request_takes_long_to_parse(sent: bytes, victim: Victim, measure: Measure) -> None:
    dial(victim.port).close()
    with measure(victim, "requests that are slow to parse", growth=MIB, busy=PARSED):
        peer = dial(victim.port)
        head = request()
        assert len(head + sent) <= 65_536
        assert peer.exchange([head[:-2] + sent + b"\r\n"], lambda peer: status(peer) is not None)
        peer.close()


def bad_request(line: bytes, target: bytes = b"/") -> bytes:
    return b"GET " + target + b" HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n"


SPACES = b"X:" + b" " * 8_180

SLOW_TO_REFUSE = {
    "spaces before a control character": bad_request(SPACES + b"\x01\r\n"),
    "tabs before a control character": bad_request(SPACES.replace(b" ", b"\t") + b"\x01\r\n"),
    "spaces before a line feed": bad_request(SPACES + b"\n"),
    "a long host before a fragment": bad_request(b"", b"http://" + b"a" * 8_150 + b"#"),
}


@pytest.mark.parametrize("sent", SLOW_TO_REFUSE.values(), ids=SLOW_TO_REFUSE)
def test_no_bad_request_takes_long_to_refuse(sent: bytes, victim: Victim, measure: Measure) -> None:
    dial(victim.port).close()
    with measure(victim, "requests that are slow to parse", growth=MIB, busy=PARSED):
        peer = dial(victim.port)
        assert peer.exchange([sent], lambda peer: status(peer) is not None)
        assert status(peer) == 400
        peer.close()


# Clients


def lure(victim: Victim, listener: Listener, uri: str = "", **options: Any) -> None:
    """Let the victim's client connect."""
    victim.ask("connect", uri=uri or listener.uri, path="/read", options=options)


def end_of(victim: Victim) -> str:
    """How connecting ended."""
    (end,) = victim.settle(lambda stats: stats["ends"])["ends"]
    return str(end)


ACCEPTED = b"HTTP/1.1 101 Switching Protocols\r\n"
REFUSED = b"HTTP/1.1 403 Forbidden\r\n"

# How each is sent; what is sent slowly begins anew for each victim.
ANSWERS: dict[str, Callable[[], Iterable[bytes]]] = {
    "nothing": lambda: [b""],
    "a slow status line": lambda: slowly(b""),
    "a slow head": lambda: slowly(ACCEPTED + b"Upgrade: websocket\r\nX: "),
    "half a body": lambda: [REFUSED + b"Content-Length: 100\r\n\r\n" + b"x" * 50],
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_server_that_is_silent_or_slow_is_given_up_in_time(
    name: str, victim: Victim, measure: Measure
) -> None:
    with measure(victim, "silence of a server", "client", growth=MIB), Listener() as listener:
        lure(victim, listener, open_timeout=OPEN_TIMEOUT)
        peer = listener.accept()
        peer.read_head()
        assert peer.exchange(ANSWERS[name]())
        peer.close()
        assert end_of(victim).startswith(
            ("TimeoutError: connecting took more than ", "InvalidStat")
        )


def test_a_server_that_is_silent_in_tls_is_given_up_in_time(
    victim: Victim, measure: Measure, certificate: str
) -> None:
    with Listener() as listener:
        uri = listener.uri.replace("ws:", "wss:")
        lure(victim, listener, uri, ca=certificate)  # what is loaded for TLS stays
        listener.accept().close()
        assert end_of(victim)
        with measure(victim, "silence in TLS", "client", growth=MIB):
            lure(victim, listener, uri, ca=certificate, open_timeout=OPEN_TIMEOUT)
            peer = listener.accept()
            assert ends(peer, OPEN_TIMEOUT)
            peer.close()
            assert end_of(victim) == "TimeoutError: connecting took more than 1.0 s"


CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

WRONG = {
    "a status line over 8,192 bytes": (b"HTTP/1.1 101 " + LONG, "SecurityError: status line over"),
    "a status line without end": (b"HTTP/1.1 101 " + b"x" * MIB, "SecurityError: status line over"),
    "a header over 8,192 bytes": (ACCEPTED + b"X: " + LONG, "SecurityError: header line over"),
    "129 headers": (ACCEPTED + fields(129), "SecurityError: over 128 headers"),
    "headers over 65,536 bytes": (ACCEPTED + fields(20, 4_000), "SecurityError: over 65536 bytes"),
    "interim responses without end": (CONTINUE * 40_000, "SecurityError: over 65536 bytes"),
    "a body without end": (REFUSED + b"\r\n" + b"x" * 8 * MIB, "InvalidStatusCode: "),
    "a length without end": (
        REFUSED + b"Content-Length: 9999999999\r\n\r\n" + b"x" * 8 * MIB,
        "InvalidStatusCode: ",
    ),
    "chunks without end": (
        REFUSED + b"Transfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * MIB,
        "InvalidStatusCode: ",
    ),
    "an extension of a chunk without end": (
        REFUSED + b"Transfer-Encoding: chunked\r\n\r\n1;" + b"x" * 8 * MIB,
        "InvalidStatusCode: ",
    ),
    "spaces before a control character": (
        ACCEPTED + SPACES + b"\x01\r\n\r\n",
        "InvalidMessage: malformed header line 1",
    ),
    "spaces before a line feed": (
        ACCEPTED + SPACES + b"\n\r\n",
        "InvalidMessage: header line 1 ends without",
    ),
    "garbage": (bytes(range(256)) * 4, "InvalidMessage: "),
    "zeros": (bytes(MIB), "SecurityError: status line over"),
}


@pytest.mark.parametrize(("sent", "error"), WRONG.values(), ids=WRONG)
def test_a_response_of_garbage_is_refused(
    sent: bytes, error: str, victim: Victim, measure: Measure
) -> None:
    with (
        measure(victim, "garbage for a response", "client", growth=2 * MIB),
        Listener() as listener,
    ):
        lure(victim, listener)
        peer = listener.accept()
        peer.read_head()
        assert peer.exchange([sent])
        peer.close()
        assert end_of(victim).startswith(error)


# Redirects


def redirect(location: str, *, status: str = "302 Found") -> bytes:
    return f"HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()


def test_a_redirect_loop_ends(victim: Victim, measure: Measure) -> None:
    with measure(victim, "a redirect loop", "client", growth=MIB), Listener() as listener:
        lure(victim, listener)
        for number in range(11):
            peer = listener.accept()
            peer.read_head()
            peer.sock.sendall(redirect(f"/{number}"))
            assert ends(peer, 0)
            peer.close()
        assert end_of(victim) == "SecurityError: more than 10 redirects"


SECRETS = {
    "Authorization": "Bearer a-token",
    "Proxy-Authorization": "Basic a-proxy",
    "Cookie": "session=a-cookie",
    "X-Api-Key": "a-key",
}


def test_credentials_do_not_follow_to_another_origin(victim: Victim) -> None:
    with Listener() as first, Listener() as second:
        uri = first.uri.replace("ws://", "ws://user:a-password@")
        secrets = {name: text for name, text in SECRETS.items() if name != "Authorization"}
        lure(victim, first, uri, extra_headers=secrets)
        expect_redirect(first, second, ["a-proxy", "a-cookie", "a-key", "dXNlcjphLXBhc3N3b3Jk"])
        lure(victim, first, extra_headers=SECRETS)
        expect_redirect(first, second, ["a-token", "a-proxy", "a-cookie", "a-key"])
    victim.settle(lambda stats: stats["tasks"] <= 2)


def expect_redirect(first: Listener, second: Listener, secrets: list[str]) -> None:
    peer = first.accept()
    sent = peer.read_head().decode()
    assert [secret for secret in secrets if secret not in sent] == []
    peer.sock.sendall(redirect(second.uri + "/elsewhere"))
    other = second.accept()
    head = other.read_head()
    text = head.decode().lower()
    assert text.startswith("get /elsewhere ")
    assert [secret for secret in secrets if secret.lower() in text] == []
    assert [name for name in SECRETS if name.lower() in text] == []
    other.sock.sendall(response(head))
    other.close()
    peer.close()


def test_a_redirect_from_tls_to_plain_text_is_refused(victim: Victim, certificate: str) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Listener() as listener:
        uri = listener.uri.replace("ws://127.0.0.1", "wss://localhost")
        lure(victim, listener, uri, ca=certificate, host="127.0.0.1")
        peer = listener.accept()
        with context.wrap_socket(peer.sock, server_side=True) as tls:
            tls.recv(65_536)
            tls.sendall(redirect(listener.uri))
            assert end_of(victim) == "SecurityError: redirect from wss to ws"
