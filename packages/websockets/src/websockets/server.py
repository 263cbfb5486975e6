"""Servers."""

from __future__ import annotations

from ws_compat import (
    BasicAuthWebSocketServerProtocol,
    WebSocketServer,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    serve,
    unix_serve,
)

__all__ = [
    "BasicAuthWebSocketServerProtocol",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "serve",
    "unix_serve",
]
