"""HTTP Basic Auth on the server (RFC 7617)."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any, Callable, ClassVar

from ws_asyncio import BasicAuthWebSocketServerProtocol as CurrentProtocol
from ws_asyncio import basic_auth_protocol_factory as current_factory
from ws_http import Credentials

from .server_protocol import WebSocketServerProtocol

__all__ = ["BasicAuthWebSocketServerProtocol", "basic_auth_protocol_factory"]


class BasicAuthWebSocketServerProtocol(WebSocketServerProtocol, CurrentProtocol):
    """The server's side of a connection whose client has to give a user and a password.

    See :class:`ws_asyncio.BasicAuthWebSocketServerProtocol`.
    """

    counterpart: ClassVar[type] = CurrentProtocol


def basic_auth_protocol_factory(
    realm: str,
    credentials: Credentials | None = None,
    check_credentials: Callable[[str, str], Awaitable[bool]] | None = None,
    create_protocol: Callable[..., Any] | None = None,
) -> Callable[..., BasicAuthWebSocketServerProtocol]:
    """Make a ``create_protocol`` for :func:`serve` that enforces HTTP Basic Auth.

    See :func:`ws_asyncio.basic_auth_protocol_factory`.
    """
    create = create_protocol or BasicAuthWebSocketServerProtocol
    factory: Callable[..., Any] = current_factory(realm, credentials, check_credentials, create)
    return factory
