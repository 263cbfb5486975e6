"""Clients: ``connect()`` with all arguments that it ever had."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any, cast

from ws_asyncio import Connect as CurrentConnect
from ws_asyncio import WebSocketClientProtocol as CurrentProtocol
from ws_http import WebSocketURI

from .arguments import check_loop, modernize, modernize_headers, signed_as
from .client_protocol import WebSocketClientProtocol
from .deprecation import warn_deprecated

__all__ = ["Connect", "connect", "unix_connect"]


class Connect(CurrentConnect):
    __doc__ = CurrentConnect.__doc__

    @signed_as(CurrentConnect.__init__)
    def __init__(self, uri: str, **kwargs: Any) -> None:
        self._given_loop = modernize(kwargs, WebSocketClientProtocol)
        modernize_headers(kwargs)
        super().__init__(uri, **kwargs)

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, None, WebSocketClientProtocol]: ...

        async def __aenter__(self) -> WebSocketClientProtocol: ...

    def __iter__(self) -> Generator[Any, None, CurrentProtocol]:
        """Connect, in a coroutine that is a generator: ``yield from connect(...)``."""
        warn_deprecated("yield from connect()")
        return super().__await__()

    async def _open(self) -> CurrentProtocol:
        check_loop(self._given_loop)
        return await super()._open()

    async def _shake_hands(self, protocol: CurrentProtocol, uri: WebSocketURI) -> None:
        # Not isinstance(), for which those of ws_asyncio are ours too.
        if WebSocketClientProtocol not in type(protocol).__mro__:
            await super()._shake_hands(protocol, uri)
            return
        await cast(WebSocketClientProtocol, protocol).handshake(
            uri,
            origin=protocol.origin,
            available_extensions=protocol.available_extensions,
            available_subprotocols=protocol.available_subprotocols,
            extra_headers=protocol.extra_headers,
        )


connect = Connect


def unix_connect(path: str | None = None, uri: str = "ws://localhost/", **kwds: Any) -> Connect:
    """Connect to a server that listens on the Unix socket at ``path``.

    See :func:`ws_asyncio.unix_connect`.
    """
    return Connect(uri, path=path, **kwds)
