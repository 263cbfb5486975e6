"""Deprecated: HTTP requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["read_request", "read_response"]

if TYPE_CHECKING:
    from ws_compat import read_request, read_response
else:
    __getattr__, __dir__ = _hand_on(__name__, deprecated={"ws_compat": __all__})
