"""What a peer can make a program write to its log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from attack.wire import BINARY, CLOSE, CONT, DEFLATE, TEXT, Listener, Wire, dial, request

if TYPE_CHECKING:
    from tests.attacks.conftest import Kind, Start, Victim

pytestmark = pytest.mark.attacks

#: Moves the cursor, clears the screen, begins a line that looks like another record.
EVIL = "\x1b[2J\x07\x9b31m\u202eevil"

SECRETS = {
    "Authorization": "Basic c2VjcmV0LTE=",
    "Proxy-Authorization": "Basic c2VjcmV0LTI=",
    "Cookie": "session=secret-3",
}


def records(victim: Victim) -> list[str]:
    """The lines of its log; each record should be one."""
    return victim.log.read_text(encoding="utf-8").splitlines()


def finished(victim: Victim) -> None:
    victim.settle(lambda stats: (stats["connections"], stats["tasks"]) == (0, 1))


WRONG_REQUESTS = {
    "no request": b"GET\r\n\r\n",
    "control characters": b"GET /\x1b[2J HTTP/1.1\r\nHost: x\r\n\r\n",
    "high control characters": b"GET / HTTP/1.1\r\nHost: x\r\nX: \x9b31m\x85\r\nUpgrade: \x9b\r\n\r\n",
    "a wrong key": request().replace(b"dGhlIHNhbXBsZSBub25jZQ==", b"\xff\x9b31m"),
    "a wrong version": request().replace(b"Version: 13", b"Version: \x9b"),
    "a wrong extension": request(headers="Sec-WebSocket-Extensions: \x9b\r\n"),
    "nothing": b"",
    "half of it": request()[:50],
}


@pytest.mark.parametrize("sent", WRONG_REQUESTS.values(), ids=WRONG_REQUESTS)
def test_a_wrong_request_is_one_line(sent: bytes, kind: Kind, fresh: Start) -> None:
    victim = fresh(kind, "--level", "INFO", open_timeout=0.5)
    peer = dial(victim.port)
    peer.exchange([sent])
    peer.close()
    finished(victim)
    (line,) = records(victim)
    assert line.startswith("INFO websockets.server no connection: ")
    assert line.isprintable()


WRONG_FRAMES: dict[str, list[tuple[Any, ...]]] = {
    "a reserved opcode": [(3,)],
    "bad UTF-8": [(TEXT, b"\x1b[2J\xff")],
    "a continuation of nothing": [(CONT, b"\x1b[2J")],
    "a wrong close code": [(CLOSE, b"\0\0\x1b[2J")],
    "no compressed data": [(BINARY | 0x40, b"\xff\x1b[2J")],
}


@pytest.mark.parametrize("role", ["server", "client"])
@pytest.mark.parametrize("frames", WRONG_FRAMES.values(), ids=WRONG_FRAMES)
def test_a_wrong_frame_is_one_line(
    frames: list[tuple[Any, ...]], role: str, kind: Kind, fresh: Start
) -> None:
    victim = fresh(kind, "--level", "INFO")
    peer = victim.meet(role, "/read", DEFLATE)
    wire = Wire(masked=role == "server")
    peer.exchange([wire.frame(*frame) for frame in frames], lambda peer: peer.code is not None)
    peer.close()
    finished(victim)
    (line,) = records(victim)
    assert line.startswith(f"INFO websockets.{role} failing the connection: ")
    assert line.isprintable()


@pytest.mark.parametrize("role", ["server", "client"])
def test_a_peer_that_resets_tcp_leaves_no_traceback(role: str, kind: Kind, fresh: Start) -> None:
    victim = fresh(kind, "--level", "INFO")
    for path in ("/read", "/flood", "/echo"):
        peer = victim.meet(role, path)
        peer.reset()
        finished(victim)
    assert records(victim) == []


def test_garbage_on_a_tls_port_leaves_no_traceback(
    kind: Kind, fresh: Start, certificate: str
) -> None:
    victim = fresh(kind, "--level", "INFO", "--tls", certificate)
    for garbage in (b"GET / HTTP/1.1\r\n\r\n", b"", b"\x16\x03\x01\x02\x00\x01"):
        peer = dial(victim.port)
        peer.sock.sendall(garbage)
        peer.reset() if not garbage else peer.close()
    victim.settle(lambda stats: stats["tasks"] == 1)
    assert "Traceback" not in victim.log.read_text(encoding="utf-8")


def test_debug_shows_no_credentials_and_escapes_control_characters(
    kind: Kind, fresh: Start
) -> None:
    victim = fresh(kind, "--level", "DEBUG")
    headers = "".join(f"{name}: {value}\r\n" for name, value in SECRETS.items())
    peer = dial(victim.port)
    peer.open("/echo?\x9b31m", f"{headers}X-Evil: \x9b31m\r\n")
    evil = EVIL.encode()
    peer.exchange(
        [peer.wire.frame(TEXT, evil), peer.wire.frame(CLOSE, b"\x03\xe8" + evil)],
        lambda peer: peer.code is not None,
    )
    peer.close()
    with Listener() as listener:
        uri = listener.uri.replace("ws://", "ws://user:secret-4@")
        secrets = {name: text for name, text in SECRETS.items() if name != "Authorization"}
        victim.ask("connect", uri=uri, path="/read", options={"extra_headers": secrets})
        peer = listener.accept()
        peer.accept("Set-Cookie: session=secret-5\r\nX-Evil: \x9b31m\r\n")
        peer.exchange([peer.wire.frame(CLOSE, b"\x03\xe8" + evil)], lambda peer: bool(peer.code))
        peer.close()
    finished(victim)
    text = victim.log.read_text(encoding="utf-8")
    # All of it was to be seen: the two requests, the message, both reasons.
    assert text.count("X-Evil: ") == 2
    assert text.count("evil") >= 3
    for secret in ("secret", "c2VjcmV0", "dXNlcjpzZWNyZXQtNA"):
        assert secret not in text
    assert text.replace("\n", "").isprintable()
