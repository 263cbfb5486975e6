"""Both sides of a connection, with all that they ever had."""

from __future__ import annotations

import functools
from typing import Any

from ws_asyncio.testing import connected_pair
from ws_compat import WebSocketClientProtocol, WebSocketServerProtocol

__all__ = ["old_pair"]

old_pair: Any = functools.partial(
    connected_pair,
    create_client=WebSocketClientProtocol,
    create_server=WebSocketServerProtocol,
)
