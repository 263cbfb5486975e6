"""WebSocket URIs."""

from __future__ import annotations

from ws_http import InvalidURI, WebSocketURI, parse_uri

__all__ = ["InvalidURI", "WebSocketURI", "parse_uri"]
