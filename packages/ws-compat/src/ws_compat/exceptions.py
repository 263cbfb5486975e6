"""Exceptions by the names that they had, and what their texts are made of."""

from __future__ import annotations

from ws_frames import Close, CloseCode, ProtocolError, describe_code

__all__ = ["CLOSE_CODES", "WebSocketProtocolError", "format_close"]

WebSocketProtocolError = ProtocolError

#: What each registered status code means.
CLOSE_CODES = {int(code): describe_code(code) for code in CloseCode}


def format_close(code: int, reason: str) -> str:
    """Say how a connection was closed: its code, what that means, and the reason."""
    return str(Close(code, reason))
