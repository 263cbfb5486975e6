"""Peers that break the rules, on raw sockets: clients of a server of ours, and servers."""

from __future__ import annotations

import random
from typing import Callable, NamedTuple

from attack.wire import (
    BINARY,
    CLOSE,
    CONT,
    DEFLATE,
    PING,
    TEXT,
    Listener,
    Peer,
    Wire,
    dial,
    response,
)

__all__ = ["BAD_FRAMES", "BAD_REQUESTS", "BAD_RESPONSES", "LEAVING", "client", "server"]


#: Seconds for what is much work, on a machine that is busy with something else.
PATIENCE = 300


class Bad(NamedTuple):
    """What breaks a rule; and the close code, or the HTTP status, that it is answered with."""

    make: Callable[[Wire], bytes]
    answer: int


def reserved_bit(wire: Wire) -> bytes:
    frame = bytearray(wire.frame(TEXT, b"x"))
    frame[0] |= 0x20
    return bytes(frame)


def masked_wrongly(wire: Wire) -> bytes:
    return Wire(masked=not wire.masked).frame(TEXT, b"x")


def long_form(wire: Wire) -> bytes:
    """Give a length of 1 in the form for lengths from 126 to 65,535."""
    return bytes([0x81, 0x80 * wire.masked | 126, 0, 1]) + bytes(4 * wire.masked) + b"x"


BAD_FRAMES = {
    "reserved opcode": Bad(lambda wire: wire.frame(3, b"x"), 1002),
    "reserved control opcode": Bad(lambda wire: wire.frame(11, b"x"), 1002),
    "reserved bit": Bad(reserved_bit, 1002),
    "mask where there is none, or none": Bad(masked_wrongly, 1002),
    "length that is not minimal": Bad(long_form, 1002),
    "long ping": Bad(lambda wire: wire.frame(PING, bytes(126)), 1002),
    "fragmented ping": Bad(lambda wire: wire.frame(PING, fin=False), 1002),
    "continuation of nothing": Bad(lambda wire: wire.frame(CONT, b"x"), 1002),
    "message inside a message": Bad(lambda wire: wire.frame(TEXT, fin=False) * 2, 1002),
    "text that is not UTF-8": Bad(lambda wire: wire.frame(TEXT, b"\xff"), 1007),
    "close frame of one byte": Bad(lambda wire: wire.frame(CLOSE, b"\x03"), 1002),
    "close code that is never sent": Bad(lambda wire: wire.frame(CLOSE, b"\x03\xee"), 1002),
    "length beyond the limit": Bad(lambda wire: wire.frame(BINARY, length=2**40), 1009),
    "deflated garbage": Bad(lambda wire: wire.frame(BINARY, b"\xff" * 9, rsv1=True), 1002),
}

GET = b"GET /echo HTTP/1.1\r\nHost: 127.0.0.1\r\n"
UPGRADE = GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n"
KEY = b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
VERSION = b"Sec-WebSocket-Version: 13\r\n"

#: Requests, and the HTTP status of their answers; 0: there is nobody any more to answer.
BAD_REQUESTS = {
    "garbage for a request": (b"\x16\x03\x01\x02\x00 what?\r\n\r\n", 400),
    "request for a page": (GET + b"\r\n", 426),
    "request without a key": (UPGRADE + VERSION + b"\r\n", 400),
    "request with a bad key": (UPGRADE + VERSION + b"Sec-WebSocket-Key: x\r\n\r\n", 400),
    "request of another version": (UPGRADE + KEY + b"Sec-WebSocket-Version: 8\r\n\r\n", 400),
    "request with a bad extension": (
        UPGRADE + KEY + VERSION + b"Sec-WebSocket-Extensions: ;\r\n\r\n",
        400,
    ),
    "half a request": (UPGRADE, 0),
    "no request": (b"", 0),
}

BAD_RESPONSES = {
    "garbage for a response": b"what?\r\n\r\n",
    "refusal": b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n",
    "response without upgrade": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "wrong accept": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
    b"Connection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n",
    "half a response": b"HTTP/1.1 101 Switching Pro",
    "no response": b"",
}

LEAVING = ["peer that leaves after its failure", "peer that resets after its failure"]


def client(port: int, draw: random.Random) -> tuple[str, str]:
    """Break a rule as a client; gives which one, and what was wrong with the answer, or ""."""
    peer = dial(port)
    peer.sock.settimeout(PATIENCE)
    if draw.random() < 0.4:
        name = draw.choice(list(BAD_REQUESTS))
        sent, status = BAD_REQUESTS[name]
        wrong = request_wrongly(peer, sent, status)
    elif draw.random() < 0.1:
        name, wrong = "peer that stops reading and resets", ""
        peer.open("/flood?count=100&size=65536")
        peer.exchange([], lambda peer: bool(peer.buffer), patience=PATIENCE)
    else:
        name = draw.choice(list(BAD_FRAMES))
        peer.open("/echo", DEFLATE if name == "deflated garbage" else "")
        wrong = send_bad_frame(peer, name)
    leave(peer, draw)
    return name, wrong


def request_wrongly(peer: Peer, sent: bytes, status: int) -> str:
    peer.sock.sendall(sent)
    if not status:
        return ""
    line = peer.read_head().split(b"\r\n")[0]
    return "" if line.startswith(b"HTTP/1.1 %d " % status) else f"answered with {line!r}"


def send_bad_frame(peer: Peer, name: str) -> str:
    """Send an echo's message and the bad frame in one; gives what was wrong with the answer."""
    bad = BAD_FRAMES[name]
    good = peer.wire.frame(TEXT, b"good")
    peer.exchange([good + bad.make(peer.wire)], has_code, patience=PATIENCE)
    if peer.code != bad.answer:
        return f"closed with {peer.code}, not with {bad.answer}"
    return ""


def has_code(peer: Peer) -> bool:
    return peer.code is not None


def leave(peer: Peer, draw: random.Random) -> None:
    if draw.random() < 0.5:
        peer.close()
    else:
        peer.reset()


def server(listener: Listener, draw: random.Random) -> tuple[str, str]:
    """Break a rule as a server, for one connection."""
    listener.sock.settimeout(PATIENCE)
    peer = listener.accept()
    peer.sock.settimeout(PATIENCE)
    if draw.random() < 0.4:
        name, wrong = draw.choice(list(BAD_RESPONSES)), ""
        peer.read_head()
        peer.sock.sendall(BAD_RESPONSES[name])
    else:
        # Whether the client offers compression is not known here.
        name = draw.choice([name for name in BAD_FRAMES if name != "deflated garbage"])
        head = peer.read_head()
        bad = BAD_FRAMES[name]
        peer.sock.sendall(response(head))
        peer.opened = True
        peer.exchange([bad.make(peer.wire)], has_code, patience=PATIENCE)
        wrong = "" if peer.code == bad.answer else f"closed with {peer.code}, not {bad.answer}"
    leave(peer, draw)
    return name, wrong
