"""The interface of extensions."""

from __future__ import annotations

from ws_frames import Extension
from ws_http import ClientExtensionFactory, ServerExtensionFactory

__all__ = ["ClientExtensionFactory", "Extension", "ServerExtensionFactory"]
