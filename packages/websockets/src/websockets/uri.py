"""Deprecated: URIs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["InvalidURI", "WebSocketURI", "parse_uri"]

if TYPE_CHECKING:
    from ws_http import InvalidURI, WebSocketURI, parse_uri
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        deprecated={
            "websockets": ("InvalidURI",),
            "ws_http": ("WebSocketURI", "parse_uri"),
        },
    )
