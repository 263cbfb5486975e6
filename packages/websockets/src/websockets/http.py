"""Deprecated: HTTP headers, requests and responses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = ["USER_AGENT", "Headers", "MultipleValuesError", "read_request", "read_response"]

if TYPE_CHECKING:
    from ws_compat import USER_AGENT, read_request, read_response
    from ws_http import Headers, MultipleValuesError
else:
    __getattr__, __dir__ = _hand_on(
        __name__,
        deprecated={
            "websockets": ("Headers", "MultipleValuesError"),
            "ws_compat": ("USER_AGENT", "read_request", "read_response"),
        },
    )
