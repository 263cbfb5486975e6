"""Exceptions by the names that they had."""

from __future__ import annotations

from ws_frames import ProtocolError

__all__ = ["WebSocketProtocolError"]

WebSocketProtocolError = ProtocolError
