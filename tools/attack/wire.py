"""
A peer on a raw socket: what it sends is up to the caller, legal or not.

It shares no code with the packages that it attacks: frames and handshakes are built here,
byte by byte (RFC 6455 §4, §5).
"""

from __future__ import annotations

import base64
import hashlib
import select
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Callable, NamedTuple

if TYPE_CHECKING:
    from typing_extensions import Self

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

DEFLATE = "Sec-WebSocket-Extensions: permessage-deflate\r\n"

#: Seconds that nothing here takes unless something is wrong.
PATIENCE = 20

#: Seconds after which a peer that takes nothing more has stopped reading.
STALL = 0.3


class Received(NamedTuple):
    """A frame that came from the victim."""

    opcode: int
    fin: bool
    payload: bytes


def request(path: str = "/", headers: str = "") -> bytes:
    """Give a request for a WebSocket (§4.1)."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\n"
        "Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Sec-WebSocket-Version: 13\r\n{headers}\r\n"
    ).encode("iso-8859-1")


def response(head: bytes, headers: str = "") -> bytes:
    """Give the response that accepts a request (§4.2.2)."""
    key = head.lower().split(b"sec-websocket-key:")[1]
    key = head[len(head) - len(key) :].split(b"\r\n")[0].strip()
    digest = hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest()
    accept = base64.b64encode(digest).decode()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {accept}\r\n{headers}\r\n"
    ).encode("iso-8859-1")


class Wire:
    """Builds frames, masked as a client's or not, as a server's."""

    def __init__(self, *, masked: bool) -> None:
        self.masked = masked

    def frame(
        self,
        opcode: int,
        payload: bytes = b"",
        *,
        fin: bool = True,
        rsv1: bool = False,
        length: int | None = None,
    ) -> bytes:
        """Give a frame, or the beginning of one that declares another ``length``."""
        declared = len(payload) if length is None else length
        head = bytearray([0x80 * fin | 0x40 * rsv1 | opcode])
        bit = 0x80 * self.masked
        if declared < 126:
            head.append(bit | declared)
        elif declared < 65_536:
            head += struct.pack("!BH", bit | 126, declared)
        else:
            head += struct.pack("!BQ", bit | 127, declared)
        # A mask of zeros is one like any other, and leaves the payload as it is.
        return bytes(head) + bytes(4 * self.masked) + payload

    def fragments(
        self, payload: bytes, size: int, *, opcode: int = BINARY, rsv1: bool = False
    ) -> bytes:
        """Give a message in fragments of ``size`` bytes."""
        starts = range(0, len(payload), size)
        return b"".join(
            self.frame(
                CONT if start else opcode,
                payload[start : start + size],
                fin=start == starts[-1],
                rsv1=rsv1 and not start,
            )
            for start in starts
        )


def parse_frames(buffer: bytearray) -> Iterator[Received]:
    """Take whole frames from a buffer."""
    while len(buffer) >= 2:
        masked, length, start = buffer[1] & 0x80, buffer[1] & 0x7F, 2
        start += {126: 2, 127: 8}.get(length, 0) + (4 if masked else 0)
        if len(buffer) < start:
            return
        if length > 125:
            length = int.from_bytes(buffer[2 : 4 if length == 126 else 10], "big")
        if len(buffer) < start + length:
            return
        payload = bytes(buffer[start : start + length])
        if masked:
            payload = unmask(payload, bytes(buffer[start - 4 : start]))
        head = buffer[0]
        del buffer[: start + length]
        yield Received(head & 0x0F, bool(head & 0x80), payload)


def unmask(payload: bytes, key: bytes) -> bytes:
    size = len(payload)
    stream = (key * (size // 4 + 1))[:size]
    whole = int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")
    return whole.to_bytes(size, "big")


class Peer:
    """One end of a TCP connection to the victim."""

    def __init__(self, sock: socket.socket, *, is_client: bool) -> None:
        self.sock = sock
        self.wire = Wire(masked=is_client)
        sock.settimeout(PATIENCE)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        #: What came and isn't a whole frame yet; all of it before the handshake is done.
        self.buffer = bytearray()
        self.opened = False
        self.frames: list[Received] = []
        #: Whether the victim has ended TCP, or its side of it.
        self.ended = False
        #: How much was sent.
        self.sent = 0

    # Handshakes

    def open(self, path: str, headers: str = "") -> bytes:
        """Be a client: do the opening handshake, and give the head of the response."""
        self.sock.sendall(request(path, headers))
        head = self.read_head()
        assert head.startswith(b"HTTP/1.1 101 "), head
        self.opened = True
        return head

    def accept(self, headers: str = "") -> bytes:
        """Be a server: do the opening handshake, and give the head of the request."""
        head = self.read_head()
        self.sock.sendall(response(head, headers))
        self.opened = True
        return head

    def read_head(self) -> bytes:
        """Read the head of a request or a response."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.sock.recv(65_536)
            if not data:
                raise EOFError(f"ended after {bytes(self.buffer)!r}")
            self.buffer += data
        head, _, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        self.buffer[:] = rest
        return head

    # Frames

    def exchange(
        self,
        chunks: Iterable[bytes],
        until: Callable[[Peer], bool] | None = None,
        *,
        reads: bool = True,
        patience: float = 3 * PATIENCE,
    ) -> bool:
        """Send chunks while reading what comes, until the victim ends, or ``until``.

        One that doesn't read is content when all is sent, or nothing more is taken.
        Tells whether that was so, before the time was up.
        """
        rest = iter(chunks)
        waiting = memoryview(next(rest, b""))
        self.sock.setblocking(False)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            if self.ended or (until is not None and until(self)):
                return True
            if not waiting and not reads:
                return True
            readers = [self.sock] if reads else []
            writers = [self.sock] if waiting else []
            timeout = 0.5 if reads else STALL
            readable, writable, _ = select.select(readers, writers, [], timeout)
            if readable:
                self._receive()
            if writable:
                waiting = self._send(waiting) or memoryview(next(rest, b""))
            elif not reads:
                return True
        return False

    def persist(self, data: bytes, *, patience: float) -> bool:
        """Send the same over and over, whatever comes, until TCP is gone.

        Tells whether that was so, before the time was up. That the victim has ended its side is
        not enough.
        """
        self.sock.setblocking(False)
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            readers = [] if self.ended else [self.sock]
            readable, writable, _ = select.select(readers, [self.sock], [], 0.5)
            if readable:
                self._receive()
            if writable:
                try:
                    self.sent += self.sock.send(data)
                except BlockingIOError:
                    continue
                except OSError:
                    return True
        return False

    def _send(self, waiting: memoryview) -> memoryview:
        try:
            size = self.sock.send(waiting[:262_144])
        except BlockingIOError:
            return waiting
        except OSError:  # it listens no longer; what it had to say may still come
            return waiting[:0]
        self.sent += size
        return waiting[size:]

    def _receive(self) -> None:
        try:
            data = self.sock.recv(262_144)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        self.ended = not data
        self.buffer += data
        if self.opened:
            self.frames.extend(parse_frames(self.buffer))

    @property
    def code(self) -> int | None:
        """The code of the victim's close frame; None if none came."""
        for frame in self.frames:
            if frame.opcode == CLOSE:
                return int.from_bytes(frame.payload[:2], "big")
        return None

    def answered(self, data: bytes) -> bool:
        """Whether the pong to a ping has come."""
        return any(frame.opcode == PONG and frame.payload == data for frame in self.frames)

    def close(self) -> None:
        self.sock.close()

    def reset(self) -> None:
        """End TCP with a reset instead of in order."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class Listener:
    """A server that the victim's client connects to."""

    def __init__(self) -> None:
        self.sock = socket.create_server(("127.0.0.1", 0))
        self.sock.settimeout(PATIENCE)
        self.uri = "ws://{}:{}".format(*self.sock.getsockname())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.sock.close()

    def accept(self) -> Peer:
        """Take the next TCP connection."""
        return Peer(self.sock.accept()[0], is_client=False)


def dial(port: int, *, buffer: int | None = None) -> Peer:
    """Connect to a server; ``buffer`` is how many bytes the kernel keeps for a slow reader."""
    sock = socket.socket()
    if buffer is not None:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.settimeout(PATIENCE)
    sock.connect(("127.0.0.1", port))
    return Peer(sock, is_client=True)
