"""Deprecated: servers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = [
    "BasicAuthWebSocketServerProtocol",
    "HTTPResponse",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "serve",
    "unix_serve",
]

if TYPE_CHECKING:
    from ws_asyncio import HTTPResponse
    from ws_compat import (
        BasicAuthWebSocketServerProtocol,
        WebSocketServer,
        WebSocketServerProtocol,
        basic_auth_protocol_factory,
        serve,
        unix_serve,
    )
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        deprecated={
            "websockets": (
                "BasicAuthWebSocketServerProtocol",
                "WebSocketServer",
                "WebSocketServerProtocol",
                "basic_auth_protocol_factory",
                "serve",
                "unix_serve",
            ),
            "ws_asyncio": ("HTTPResponse",),
        },
    )
