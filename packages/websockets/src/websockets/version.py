"""The release of the API."""

from __future__ import annotations

from . import __version__ as version

__all__ = ["version"]
