"""Deprecated: connections."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["CLOSED", "CLOSING", "CONNECTING", "OPEN", "State", "WebSocketCommonProtocol"]

if TYPE_CHECKING:
    from ws_compat import CLOSED, CLOSING, CONNECTING, OPEN, WebSocketCommonProtocol
    from ws_frames import State
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        deprecated={
            "websockets": ("WebSocketCommonProtocol",),
            "ws_compat": ("CLOSED", "CLOSING", "CONNECTING", "OPEN"),
            "ws_frames": ("State",),
        },
    )
