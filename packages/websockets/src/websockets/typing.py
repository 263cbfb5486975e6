"""Types for annotations."""

from __future__ import annotations

from ws_frames import Data
from ws_http import ExtensionHeader, ExtensionParameter, Origin, Subprotocol

__all__ = ["Data", "ExtensionHeader", "ExtensionParameter", "Origin", "Subprotocol"]
