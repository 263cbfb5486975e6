"""The import paths of the websockets API."""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "9.0"
