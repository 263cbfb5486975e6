"""Clients."""

from __future__ import annotations

from ws_compat import WebSocketClientProtocol, connect, unix_connect

__all__ = ["WebSocketClientProtocol", "connect", "unix_connect"]
