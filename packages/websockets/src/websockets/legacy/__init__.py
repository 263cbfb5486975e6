"""Deprecated: modules that have moved back to where they were before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_compat import hand_on as _hand_on

__all__ = [
    "auth",
    "client",
    "framing",
    "handshake",
    "http",
    "protocol",
    "server",
]

if TYPE_CHECKING:
    from . import auth, client, framing, handshake, http, protocol, server
else:
    __getattr__, __dir__ = _hand_on(__name__, modules=__all__)
