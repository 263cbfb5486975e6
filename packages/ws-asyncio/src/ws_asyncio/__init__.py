"""WebSocket clients and servers on asyncio (RFC 6455)."""

from __future__ import annotations

from .client import Connect, connect, unix_connect
from .client_protocol import WebSocketClientProtocol
from .protocol import WebSocketCommonProtocol
from .server import Serve, WebSocketServer, serve, unix_serve
from .server_protocol import WebSocketServerProtocol

__all__ = [
    "Connect",
    "Serve",
    "WebSocketClientProtocol",
    "WebSocketCommonProtocol",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "connect",
    "serve",
    "unix_connect",
    "unix_serve",
]
