"""Clients: ``connect()``."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Generator, Sequence
from types import TracebackType
from typing import Any, Callable

from ws_http import (
    MAX_REDIRECTS,
    ClientExtensionFactory,
    Headers,
    HeadersLike,
    Origin,
    RedirectHandshake,
    SecurityError,
    Subprotocol,
    WebSocketURI,
    follow_redirect,
    parse_uri,
    redirected_headers,
    same_origin,
)

from .client_protocol import WebSocketClientProtocol
from .deadline import Deadline

# Arguments that say where and how to connect to the server of the URI.
OVERRIDES = ("host", "port", "server_hostname")

Opened = Coroutine[Any, Any, "tuple[asyncio.Transport, WebSocketClientProtocol]"]

__all__ = ["Connect", "connect", "unix_connect"]


class Connect:
    """Connect to the WebSocket server at ``uri``.

    Awaiting it gives a :class:`WebSocketClientProtocol`. As an asynchronous context
    manager it gives one too, and closes it on exit.

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
        ping_interval, ping_timeout, close_timeout, max_size, max_queue, read_limit,
        write_limit: see :class:`WebSocketCommonProtocol`.

        path: a Unix socket to connect to instead of a host and a port.

    Any other argument goes to ``loop.create_connection()``: ``host``, ``port`` and
    ``sock`` say where to connect instead of the URI, ``ssl`` and ``server_hostname`` how.

    Raises InvalidURI, InvalidHandshake, OSError if TCP or TLS fails, and
    ``asyncio.TimeoutError`` after ``open_timeout`` seconds.
    """

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
        origin: Origin | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: HeadersLike | None = None,
        open_timeout: float | None = 10,
        path: str | None = None,
        **kwds: Any,
    ) -> None:
        self._uri = parse_uri(uri)
        self._create_protocol = create_protocol or WebSocketClientProtocol
        self._open_timeout = open_timeout
        self._path = path
        self._kwds = kwds
        connection_arguments(self._uri, kwds)  # for its errors, before anything is awaited
        self._protocol_kwds: dict[str, Any] = {
            "ping_interval": ping_interval,
            "ping_timeout": ping_timeout,
            "close_timeout": close_timeout,
            "max_size": max_size,
            "max_queue": max_queue,
            "read_limit": read_limit,
            "write_limit": write_limit,
            "origin": origin,
            "extensions": extensions,
            "subprotocols": subprotocols,
            "extra_headers": extra_headers,
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

    async def _open(self) -> WebSocketClientProtocol:
        async with Deadline(self._open_timeout, "connecting"):
            for _ in range(MAX_REDIRECTS + 1):
                try:
                    return await self._open_once()
                except RedirectHandshake as exc:
                    self._redirect(exc.uri)
            raise SecurityError(f"more than {MAX_REDIRECTS} redirects")

    async def _open_once(self) -> WebSocketClientProtocol:
        loop = asyncio.get_running_loop()
        transport, protocol = await self._create_connection(loop)
        try:
            await protocol.handshake(self._uri)
        except BaseException:
            transport.abort()
            raise
        return protocol

    def _create_connection(self, loop: asyncio.AbstractEventLoop) -> Opened:
        arguments = connection_arguments(self._uri, self._kwds)
        if self._path is not None:
            arguments = {k: v for k, v in arguments.items() if k not in ("host", "port")}
            return loop.create_unix_connection(self._make_protocol, self._path, **arguments)
        return loop.create_connection(self._make_protocol, **arguments)

    def _redirect(self, location: str) -> None:
        target = follow_redirect(self._uri, location)
        if not same_origin(self._uri, target):
            # What overrides the URI was meant for the first server.
            if self._path is not None or self._kwds.get("sock") is not None:
                raise SecurityError("redirect to another origin from a given socket")
            self._kwds = {k: v for k, v in self._kwds.items() if k not in OVERRIDES}
            headers = Headers(self._protocol_kwds["extra_headers"] or ())
            self._protocol_kwds["extra_headers"] = redirected_headers(headers, self._uri, target)
        elif self._kwds.get("sock") is not None:
            raise SecurityError("redirect of a connection over a given socket")
        self._uri = target

    def _make_protocol(self) -> WebSocketClientProtocol:
        return self._create_protocol(**self._protocol_kwds)


connect = Connect


def unix_connect(path: str | None = None, uri: str = "ws://localhost/", **kwds: Any) -> Connect:
    """Connect to a server that listens on the Unix socket at ``path``.

    The URI gives the Host header and the path; the other arguments are those of
    :func:`connect`. Without ``path``, ``sock`` is a connected Unix socket.
    """
    return Connect(uri, path=path, **kwds)


def connection_arguments(uri: WebSocketURI, kwds: dict[str, Any]) -> dict[str, Any]:
    """Decide where and how to connect, from the URI and what overrides it."""
    arguments = dict(kwds)
    if uri.secure:
        arguments.setdefault("ssl", True)
    elif arguments.get("ssl") is not None:
        raise ValueError("ssl is given but the URI is ws://, which is without TLS; use wss://")
    if arguments.get("sock") is None:
        arguments.setdefault("host", uri.host)
        arguments.setdefault("port", uri.port)
    elif uri.secure:
        arguments.setdefault("server_hostname", uri.host)
    if uri.secure and arguments.get("host") not in (None, uri.host):
        arguments.setdefault("server_hostname", uri.host)
    return arguments
