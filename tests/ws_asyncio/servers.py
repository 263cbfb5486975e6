"""Servers on loopback, for the tests of what connects to them."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Any

import ws_asyncio
from tests.ws_asyncio.applications import echo
from ws_asyncio import WebSocketServer


def uri_of(server: WebSocketServer, number: int = 0) -> str:
    """The URI of one of the sockets that a server listens on."""
    assert server.sockets is not None
    host, port = server.sockets[number].getsockname()[:2]
    return f"ws://[{host}]:{port}" if ":" in host else f"ws://{host}:{port}"


@contextlib.asynccontextmanager
async def serving(handler: Any = echo, **options: Any) -> AsyncIterator[str]:
    """Serve as long as it is entered; gives the URI."""
    async with ws_asyncio.serve(handler, "127.0.0.1", 0, **options) as server:
        yield uri_of(server)
