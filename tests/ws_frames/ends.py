"""Connections under test, what they are sent, and what they send."""

from __future__ import annotations

import pytest

from ws_frames import (
    RSV1,
    Connection,
    Event,
    Extension,
    Frame,
    Opcode,
    PayloadTooBig,
    Phase,
    ProtocolError,
    Role,
    apply_mask,
)

ROLES = [Role.CLIENT, Role.SERVER]
both_roles = pytest.mark.parametrize("role", ROLES)


def other(role: Role) -> Role:
    return Role.SERVER if role is Role.CLIENT else Role.CLIENT


def wire(role: Role, head: int, payload: bytes = b"") -> bytes:
    """A short frame as an end of this role sends it, masked with zeroes by a client."""
    if role is Role.CLIENT:
        return bytes([head, 0x80 | len(payload)]) + bytes(4) + payload
    return bytes([head, len(payload)]) + payload


def unwire(data: bytes) -> list[tuple[int, bytes]]:
    """First byte and payload of each of some short frames."""
    frames = []
    while data:
        head, length = data[0], data[1] & 0x7F
        start = 6 if data[1] & 0x80 else 2
        payload = data[start : start + length]
        frames.append((head, apply_mask(payload, data[2:6]) if start == 6 else payload))
        data = data[start + length :]
    return frames


def events_of(connection: Connection, *pieces: bytes) -> list[Event]:
    events: list[Event] = []
    for piece in pieces or (b"",):
        connection.receive_data(piece)
        while (event := connection.next_event()) is not None:
            events.append(event)
    return events


def peer_sends(connection: Connection, *frames: tuple[int, bytes]) -> list[Event]:
    peer = other(connection.role)
    return events_of(connection, b"".join(wire(peer, head, data) for head, data in frames))


def sent(connection: Connection) -> list[tuple[int, bytes]]:
    return unwire(connection.data_to_send())


def body(code: int, reason: str = "") -> bytes:
    return code.to_bytes(2, "big") + reason.encode()


def connection_in(phase: Phase, role: Role) -> Connection:
    connection = Connection(role)
    if phase is Phase.CLOSE_SENT:
        connection.send_close()
    elif phase is Phase.CLOSE_EXCHANGED:
        peer_sends(connection, (0x88, b""))
        connection.data_to_send()
    elif phase is Phase.FAILED:
        connection.fail(1011)
    elif phase is Phase.CLOSED:
        connection.receive_eof()
    assert connection.phase is phase
    return connection


class Marking(Extension):
    """Reverse the payload of messages marked with RSV1."""

    name = "x-marking"
    rsv: int | None = RSV1
    only_marked = True

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        if max_size is not None and len(frame.data) > max_size:
            raise PayloadTooBig("too big for the extension")
        if frame.data == b"bad":
            raise ProtocolError("bad data") from ValueError("low level")
        return frame._replace(data=frame.data[::-1], rsv1=False)

    def encode(self, frame: Frame) -> Frame:
        return frame._replace(data=frame.data[::-1], rsv1=frame.opcode is not Opcode.CONT)


class Whole(Marking):
    """The same, of messages that are in one frame as a whole; note each of these."""

    takes_messages = True

    def __init__(self) -> None:
        self.received: list[tuple[bytes, int | None]] = []
        self.sent: list[bytes] = []

    def decode_message(self, data: bytes, max_size: int | None) -> bytes:
        self.received.append((data, max_size))
        return self.decode(Frame(True, Opcode.BINARY, data), max_size=max_size).data

    def encode_message(self, data: bytes) -> bytes | None:
        self.sent.append(data)
        return None if data == b"as it is" else data[::-1]


class Secretive(Marking):
    """Say nothing about the bits that it uses."""

    rsv = None
    only_marked = False
