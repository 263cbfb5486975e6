"""Every deprecated name, argument and convention of the websockets API."""

from __future__ import annotations

__all__: list[str] = []
