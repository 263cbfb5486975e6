"""Frames, messages and the closing handshake of WebSocket (RFC 6455 §5, §6 and §7), sans-I/O."""

from __future__ import annotations

from .close import Close
from .codes import CloseCode
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
from .frames import Data, Frame
from .opcodes import RSV1, RSV2, RSV3, RSV_MASK, Opcode
from .states import Role, State

__all__ = [
    "RSV1",
    "RSV2",
    "RSV3",
    "RSV_MASK",
    "Close",
    "CloseCode",
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "Data",
    "Extension",
    "Frame",
    "InvalidState",
    "InvalidUTF8",
    "Opcode",
    "PayloadTooBig",
    "PolicyViolation",
    "ProtocolError",
    "Role",
    "State",
    "WebSocketException",
]
