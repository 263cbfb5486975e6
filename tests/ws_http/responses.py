"""Responses that a client's handshake is given."""

from __future__ import annotations

from ws_http import ClientHandshake, accept_key, parse_uri

URI = parse_uri("ws://example.com/chat")


def respond(
    handshake: ClientHandshake,
    *lines: str,
    status: str = "HTTP/1.1 101 Switching Protocols",
    without: str = "",
) -> bytes:
    """Make a response that is right, but for ``status``, more ``lines``, and one left out."""
    usual = [
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Accept: {accept_key(handshake.key)}",
    ]
    kept = [line for line in usual if not (without and line.startswith(without))]
    return "".join(f"{line}\r\n" for line in [status, *kept, *lines, ""]).encode("iso-8859-1")


def refuse(status: str, *lines: str, body: bytes = b"") -> bytes:
    return "".join(f"{line}\r\n" for line in [f"HTTP/1.1 {status}", *lines, ""]).encode() + body


def feed(handshake: ClientHandshake, pieces: list[bytes]) -> None:
    for piece in pieces:
        handshake.receive_data(piece)
