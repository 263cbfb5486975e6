"""Servers."""

from __future__ import annotations

from ws_asyncio import HTTPResponse
from ws_compat import (
    BasicAuthWebSocketServerProtocol,
    Serve,
    WebSocketServer,
    WebSocketServerProtocol,
    basic_auth_protocol_factory,
    serve,
    unix_serve,
)

__all__ = [
    "BasicAuthWebSocketServerProtocol",
    "HTTPResponse",
    "Serve",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "serve",
    "unix_serve",
]
