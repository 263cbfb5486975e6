"""Clients."""

from __future__ import annotations

from ws_compat import Connect, WebSocketClientProtocol, connect, unix_connect

__all__ = ["Connect", "WebSocketClientProtocol", "connect", "unix_connect"]
