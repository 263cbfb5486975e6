"""Deprecated: HTTP Basic Auth."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["BasicAuthWebSocketServerProtocol", "basic_auth_protocol_factory"]

if TYPE_CHECKING:
    from ws_compat import BasicAuthWebSocketServerProtocol, basic_auth_protocol_factory
else:
    __getattr__, __dir__ = _hand_on(__name__, deprecated={"websockets": __all__})
