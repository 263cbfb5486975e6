"""WebSocket clients and servers on asyncio (RFC 6455)."""

from __future__ import annotations

from .auth import BasicAuthWebSocketServerProtocol, basic_auth_protocol_factory
from .broadcast import broadcast
from .client import Connect, connect, unix_connect
from .client_protocol import WebSocketClientProtocol
from .command_line import interactive_client
from .protocol import WebSocketCommonProtocol
from .reconnection import is_transient
from .server import Serve, WebSocketServer, serve, unix_serve
from .server_protocol import HTTPResponse, WebSocketServerProtocol
from .transports import set_transports
from .version import USER_AGENT

__all__ = [
    "USER_AGENT",
    "BasicAuthWebSocketServerProtocol",
    "Connect",
    "HTTPResponse",
    "Serve",
    "WebSocketClientProtocol",
    "WebSocketCommonProtocol",
    "WebSocketServer",
    "WebSocketServerProtocol",
    "basic_auth_protocol_factory",
    "broadcast",
    "connect",
    "interactive_client",
    "is_transient",
    "serve",
    "set_transports",
    "unix_connect",
    "unix_serve",
]
