"""Clients: ``connect()``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator, Sequence
from types import TracebackType
from typing import Any, Callable, cast

from ws_deflate import add_client_deflate
from ws_http import (
    MAX_REDIRECTS,
    ClientExtensionFactory,
    Headers,
    HeadersLike,
    RedirectHandshake,
    SecurityError,
    Subprotocol,
    WebSocketURI,
    parse_uri,
    validate_subprotocols,
)

from .client_protocol import WebSocketClientProtocol
from .compression import with_compression
from .deadline import Deadline
from .lists import check_list
from .misuse import Unawaited
from .reconnection import Reconnections, is_transient
from .target import Target

__all__ = ["Connect", "connect", "unix_connect"]


class Connect(Unawaited):
    """Connect to the WebSocket server at ``uri``.

    Awaiting it gives a :class:`WebSocketClientProtocol`. As an asynchronous context
    manager it gives one too, and closes it on exit. ``async for`` over it gives one after
    the other: a new one whenever the body of the loop ends, after growing random delays
    where connecting fails, or the server ends connections as soon as they are made.

    Args:
        uri: ``ws://`` or ``wss://`` URI or IRI.
        create_protocol: makes the connection; :class:`WebSocketClientProtocol` or a
            subclass, or any callable with its arguments.
        compression: ``"deflate"`` offers permessage-deflate; None doesn't.
        origin: value of the Origin header.
        extensions: factories of extensions, in order of preference.
        subprotocols: names of subprotocols, in order of preference.
        extra_headers: Headers, mapping or pairs to add to the request.
        open_timeout: seconds from the first step to the end of the opening
            handshake; None waits for ever.
        ping_interval, ping_timeout, close_timeout, max_size, max_queue, read_limit, write_limit:
            see :class:`WebSocketCommonProtocol`.
        path: a Unix socket to connect to instead of a host and a port.
        retry_on: tells which errors of connecting are worth another try in
            ``async for``; by default those of the network, timeouts, and HTTP 500, 502, 503
            and 504: see :func:`is_transient`.

    Any other argument goes to ``loop.create_connection()``: ``host``, ``port`` and
    ``sock`` say where to connect instead of the URI, ``ssl`` and ``server_hostname`` how.

    Raises InvalidURI, and TypeError or ValueError for arguments that make no sense, when it
    is called; InvalidHandshake, OSError if TCP or TLS fails, and ``asyncio.TimeoutError``
    after ``open_timeout`` seconds when it is awaited.
    """

    _called = "connect"
    _gives = WebSocketClientProtocol
    _gift = "ws"

    def __init__(
        self,
        uri: str,
        *,
        create_protocol: Callable[..., WebSocketClientProtocol] | None = None,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        close_timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        compression: str | None = "deflate",
        origin: str | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | list[str] | tuple[str, ...] | None = None,
        extra_headers: HeadersLike | None = None,
        open_timeout: float | None = 10,
        path: str | None = None,
        retry_on: Callable[[Exception], bool] = is_transient,
        **kwds: Any,
    ) -> None:
        if isinstance(extra_headers, Iterator):
            extra_headers = list(extra_headers)  # there may be several requests
        self._target = Target(parse_uri(uri), path, kwds, extra_headers)
        # These are for their errors, before anything is awaited.
        self._target.arguments()
        check_list("subprotocols", subprotocols)
        validate_subprotocols(cast("Sequence[Subprotocol]", subprotocols or ()))
        Headers({} if origin is None else {"Origin": origin}).update(extra_headers or ())
        self._create_protocol = create_protocol or WebSocketClientProtocol
        self._open_timeout = open_timeout
        self._retry_on = retry_on
        self._protocol_kwds: dict[str, Any] = {
            "ping_interval": ping_interval,
            "ping_timeout": ping_timeout,
            "close_timeout": close_timeout,
            "max_size": max_size,
            "max_queue": max_queue,
            "read_limit": read_limit,
            "write_limit": write_limit,
            "origin": origin,
            "extensions": with_compression(compression, extensions, add_client_deflate),
            "subprotocols": subprotocols,
        }

    def __await__(self) -> Generator[Any, None, WebSocketClientProtocol]:
        return self._open().__await__()

    async def __aenter__(self) -> WebSocketClientProtocol:
        self.protocol = await self
        return self.protocol

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.protocol.close()

    def __aiter__(self) -> AsyncIterator[WebSocketClientProtocol]:
        """Connect again and again: whenever the body ends, and after errors worth a retry."""
        return Reconnections(self, self._retry_on)

    async def _open(self) -> WebSocketClientProtocol:
        deadline = Deadline(self._open_timeout, "connecting")
        with deadline:
            target = self._target
            for _ in range(MAX_REDIRECTS + 1):
                try:
                    return await self._open_once(target, deadline)
                except RedirectHandshake as exc:
                    target = target.redirected(exc.uri)
            raise SecurityError(f"more than {MAX_REDIRECTS} redirects")

    async def _open_once(self, target: Target, deadline: Deadline) -> WebSocketClientProtocol:
        def factory() -> WebSocketClientProtocol:
            return self._create_protocol(extra_headers=target.extra_headers, **self._protocol_kwds)

        transport, protocol = await target.connect(factory)
        try:
            await self._shake_hands(protocol, target.uri)
        except BaseException:
            transport.abort()
            if deadline.expired:
                protocol.take_partial_response()
            raise
        return protocol

    async def _shake_hands(self, protocol: WebSocketClientProtocol, uri: WebSocketURI) -> None:
        await protocol.handshake(uri)


connect = Connect


def unix_connect(path: str | None = None, uri: str = "ws://localhost/", **kwds: Any) -> Connect:
    """Connect to a server that listens on the Unix socket at ``path``.

    The URI gives the Host header and the path; the other arguments are those of
    :func:`connect`. Without ``path``, ``sock`` is a connected Unix socket.
    """
    return Connect(uri, path=path, **kwds)
