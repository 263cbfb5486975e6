"""Deprecated: the core of the opening handshake."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["build_request", "build_response", "check_request", "check_response"]

if TYPE_CHECKING:
    from ws_compat import build_request, build_response, check_request, check_response
else:
    __getattr__, __dir__ = _hand_on(__name__, deprecated={"ws_compat": __all__})
