"""Clients."""

from __future__ import annotations

from ws_asyncio import WebSocketClientProtocol, connect, unix_connect

__all__ = ["WebSocketClientProtocol", "connect", "unix_connect"]
