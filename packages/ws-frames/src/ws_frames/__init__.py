"""Frames, messages and the closing handshake of WebSocket (RFC 6455 §5, §6 and §7), sans-I/O."""

from __future__ import annotations

from .close import Close
from .codes import CloseCode, describe_code
from .connection import DEFAULT_MAX_SIZE, Connection
from .events import Event, Failure, Ping, Pong
from .exceptions import (
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    InvalidState,
    InvalidUTF8,
    PayloadTooBig,
    PolicyViolation,
    ProtocolError,
    WebSocketException,
)
from .extensions import Extension
from .frames import BytesLike, Data, Frame, Payload
from .opcodes import RSV1, RSV2, RSV3, RSV_MASK, Opcode
from .phases import Phase
from .prepared import PreparedMessage
from .speedups import (
    IMPLEMENTATION,
    Inbox,
    Outbox,
    Parser,
    Stepper,
    Waiter,
    apply_mask,
    encode_frame,
)
from .states import Role, State

__all__ = [
    "DEFAULT_MAX_SIZE",
    "IMPLEMENTATION",
    "RSV1",
    "RSV2",
    "RSV3",
    "RSV_MASK",
    "BytesLike",
    "Close",
    "CloseCode",
    "Connection",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "Data",
    "Event",
    "Extension",
    "Failure",
    "Frame",
    "Inbox",
    "InvalidState",
    "InvalidUTF8",
    "Opcode",
    "Outbox",
    "Parser",
    "Payload",
    "PayloadTooBig",
    "Phase",
    "Ping",
    "PolicyViolation",
    "Pong",
    "PreparedMessage",
    "ProtocolError",
    "Role",
    "State",
    "Stepper",
    "Waiter",
    "WebSocketException",
    "apply_mask",
    "describe_code",
    "encode_frame",
]
