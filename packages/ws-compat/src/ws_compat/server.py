"""Servers: ``serve()`` with all arguments that it ever had."""

from __future__ import annotations

import asyncio
from collections.abc import Generator, Sequence
from typing import TYPE_CHECKING, Any, Callable

from ws_asyncio import Serve as CurrentServe
from ws_asyncio import WebSocketServer as CurrentServer
from ws_asyncio import WebSocketServerProtocol as CurrentProtocol

from .arguments import (
    as_coroutine_function,
    check_loop,
    is_plain_function,
    modernize,
    modernize_headers,
    modernize_origins,
    signed_as,
    take_loop,
)
from .counterparts import Counterpart
from .deprecation import warn_deprecated
from .server_protocol import WebSocketServerProtocol

__all__ = ["Serve", "WebSocketServer", "serve", "unix_serve"]


class WebSocketServer(CurrentServer, metaclass=Counterpart):
    """A server that :func:`serve` started, and the connections it has accepted."""

    counterpart = CurrentServer

    def __init__(self, loop: asyncio.AbstractEventLoop | None = None, **kwargs: Any) -> None:
        take_loop({"loop": loop})
        super().__init__(**kwargs)

    @property
    def websockets(self) -> set[CurrentProtocol]:
        """The connections."""
        warn_deprecated("websockets, of a server,")
        return self.connections


class Serve(CurrentServe):
    __doc__ = CurrentServe.__doc__

    @signed_as(CurrentServe.__init__)
    def __init__(
        self,
        ws_handler: Any,
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        **kwargs: Any,
    ) -> None:
        self._given_loop = modernize(kwargs, WebSocketServerProtocol)
        modernize_origins(kwargs)
        modernize_headers(kwargs)
        if is_plain_function(kwargs.get("process_request")):
            warn_deprecated("process_request as a function")
            kwargs["process_request"] = as_coroutine_function(kwargs["process_request"])
        super().__init__(ws_handler, host, port, **kwargs)
        if host is not None or port:
            self._create_protocol = listening_on(host, port or None, self._create_protocol)

    if TYPE_CHECKING:

        def __await__(self) -> Generator[Any, None, WebSocketServer]: ...

        async def __aenter__(self) -> WebSocketServer: ...

    def __iter__(self) -> Generator[Any, None, CurrentServer]:
        """Start, in a coroutine that is a generator: ``yield from serve(...)``."""
        warn_deprecated("yield from serve()")
        return super().__await__()

    async def _start(self) -> CurrentServer:
        check_loop(self._given_loop)
        return await super()._start()

    def _make_server(self) -> WebSocketServer:
        return WebSocketServer(max_connections=self._max_connections)


def listening_on(host: Any, port: Any, create_protocol: Callable[..., Any]) -> Callable[..., Any]:
    """Make a ``create_protocol`` whose connections know where their server was told to listen."""

    def create(*args: Any, **kwargs: Any) -> Any:
        protocol = create_protocol(*args, **kwargs)
        # Not isinstance(), for which those of ws_asyncio are ours too.
        if WebSocketServerProtocol in type(protocol).__mro__:
            protocol._host = host if protocol._host is None else protocol._host
            protocol._port = port if protocol._port is None else protocol._port
        return protocol

    return create


serve = Serve


def unix_serve(ws_handler: Any, path: str | None = None, **kwds: Any) -> Serve:
    """Start a WebSocket server that listens on the Unix socket at ``path``.

    See :func:`ws_asyncio.unix_serve`.
    """
    return Serve(ws_handler, path=path, unix=True, **kwds)
