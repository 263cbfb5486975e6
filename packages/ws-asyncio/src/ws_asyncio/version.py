"""What this package calls itself on the wire (RFC 7231 §5.5.3 and §7.4.2)."""

from __future__ import annotations

import platform

__all__ = ["SERVER", "USER_AGENT", "VERSION"]

VERSION = "9.0.0"

#: What clients and servers call themselves.
USER_AGENT = SERVER = f"Python/{platform.python_version()} ws-asyncio/{VERSION}"
