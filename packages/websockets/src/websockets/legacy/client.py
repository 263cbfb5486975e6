"""Deprecated: clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["WebSocketClientProtocol", "connect", "unix_connect"]

if TYPE_CHECKING:
    from ws_compat import WebSocketClientProtocol, connect, unix_connect
else:
    __getattr__, __dir__ = _hand_on(__name__, deprecated={"websockets": __all__})
