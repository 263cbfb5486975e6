"""Servers: ``serve()`` and the server that it starts."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Collection, Generator, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Callable

from ws_deflate import add_server_deflate
from ws_frames import Close, CloseCode
from ws_http import Origin, SelectSubprotocol, ServerExtensionFactory, Subprotocol

from .advice import advise_server
from .compression import with_compression
from .handlers import ConnectionT, Handler, adapt_handler
from .lists import check_list
from .misuse import Unawaited
from .server_protocol import (
    DEFAULT_OPEN_TIMEOUT,
    ExtraHeadersOption,
    ProcessRequest,
    WebSocketServerProtocol,
)
from .transports import opener

if TYPE_CHECKING:
    import socket

    from typing_extensions import Self

__all__ = ["Serve", "WebSocketServer", "serve", "unix_serve"]

# Turns of the event loop between the acceptance of a socket and connection_made(), and one more.
ACCEPTING_TURNS = 3

# Seconds that clients in the handshake of TLS have to end it when their server closes.
TLS_GRACE = 1


class WebSocketServer:
    """A server that :func:`serve` started, and the connections it has accepted."""

    #: What accepts TCP connections, as the event loop has made it. Closing it stops that,
    #: and closes no connection.
    server: asyncio.AbstractServer

    def __init__(self, *, max_connections: int | None = None) -> None:
        self._max_connections = max_connections
        #: The connections, from the first byte of TCP to the last.
        self.connections: set[WebSocketServerProtocol] = set()
        self._closing: asyncio.Task[None] | None = None
        self._emptied: asyncio.Future[None] | None = None
        self._code: int = CloseCode.GOING_AWAY
        self._reason = ""

    def wrap(self, server: asyncio.AbstractServer) -> None:
        """Take charge of a server that accepts TCP connections."""
        self.server = server
        self._closed: asyncio.Future[None] = server.get_loop().create_future()

    def register(self, protocol: WebSocketServerProtocol) -> None:
        """Note a connection; called by the connection itself.

        One too many is answered with HTTP status 503, without reading its request.
        """
        limit = self._max_connections
        full = limit is not None and len(self.connections) >= limit
        self.connections.add(protocol)
        if full:
            protocol._shut_down(self._code, self._reason, "the server is full")
        elif self._closing is not None:
            protocol._shut_down(self._code, self._reason)

    def unregister(self, protocol: WebSocketServerProtocol) -> None:
        """Forget a connection that has ended; called by the connection itself."""
        self.connections.discard(protocol)
        if self._emptied is not None and not self.connections and not self._emptied.done():
            self._emptied.set_result(None)

    def close(self, code: int = CloseCode.GOING_AWAY, reason: str = "") -> None:
        """Stop accepting, and close what is open.

        Open connections are closed with ``code`` and ``reason``; handshakes under way
        get HTTP status 503. :meth:`wait_closed` waits until all that is done.

        Raises ProtocolError for a code that can't be sent or a reason over 123 bytes, and
        closes nothing then.
        """
        if self._closing is None:
            Close(code, reason).serialize()  # for its errors
            self._code, self._reason = code, reason
            # Its own event loop, which doesn't have to be running right now.
            self._closing = self.get_loop().create_task(self._close())

    async def wait_closed(self) -> None:
        """Wait until :meth:`close` was called and all is done.

        Every connection is closed then, and every handler has returned.
        """
        await asyncio.shield(self._closed)

    async def _close(self) -> None:
        try:
            await self._stop_listening()
            for protocol in list(self.connections):
                self._shut_down(protocol)
            await self._wait_for_handlers()
            await self._wait_for_listener()
        finally:
            self._closed.set_result(None)

    def _shut_down(self, protocol: WebSocketServerProtocol) -> None:
        try:
            protocol._shut_down(self._code, self._reason)
        except Exception:  # such as that of an extension; the others are to be closed too
            protocol.logger.exception("closing the connection failed")
            protocol.transport.abort()

    async def _stop_listening(self) -> None:
        # asyncio makes a connection of what it has accepted two turns later. With a listener
        # that is closed by then it fails to, and leaves the socket to the garbage collector.
        try:
            if isinstance(self.server, asyncio.Server):
                for sock in self.server.sockets:
                    with contextlib.suppress(NotImplementedError):  # loops with other means
                        self.get_loop().remove_reader(sock.fileno())
                for _ in range(ACCEPTING_TURNS):
                    await asyncio.sleep(0)
        finally:
            self.server.close()

    async def _wait_for_handlers(self) -> None:
        while self.connections:
            self._emptied = self.get_loop().create_future()
            await self._emptied

    async def _wait_for_listener(self) -> None:
        # From Python 3.12 on it waits for clients in the handshake of TLS too, which are no
        # connections yet. Who is silent there may be so for long.
        waiting = asyncio.ensure_future(self.server.wait_closed())
        await asyncio.wait([waiting], timeout=TLS_GRACE)
        if not waiting.cancel():
            waiting.result()
        elif hasattr(self.server, "abort_clients"):  # from Python 3.13 on
            self.server.abort_clients()
        await self._wait_for_handlers()

    @property
    def sockets(self) -> Sequence[socket.socket] | None:
        """The sockets that it listens on; None once it is closed."""
        if not isinstance(self.server, asyncio.Server):
            return getattr(self.server, "sockets", None) or None
        return self.server.sockets or None

    def is_serving(self) -> bool:
        """Whether it accepts connections."""
        return self.server.is_serving()

    def get_loop(self) -> asyncio.AbstractEventLoop:
        """The event loop that it runs on."""
        return self.server.get_loop()

    async def start_serving(self) -> None:
        """Begin to accept connections, after ``serve(start_serving=False)``.

        Raises RuntimeError once the server is closed.
        """
        self._require_open()
        await self.server.start_serving()

    async def serve_forever(self) -> None:
        """Accept connections until it is closed; cancelling this closes it.

        Raises RuntimeError where it is closed before.
        """
        self._require_open()
        # The listener's own serve_forever() waits for its connections to end when it is
        # cancelled, from Python 3.12 on; it is close() below that ends them.
        await self.server.start_serving()
        try:
            await self.wait_closed()
        finally:
            self.close()
            await self.wait_closed()

    def _require_open(self) -> None:
        if self._closing is not None:
            raise RuntimeError(f"server {self!r} is closed")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
        await self.wait_closed()


class Serve(Unawaited):
    """Start a WebSocket server that listens on ``host`` and ``port``.

    Awaiting it gives a :class:`WebSocketServer`. As an asynchronous context manager it
    gives one too, and closes it on exit.

    Args:
        ws_handler: coroutine function called with each connection, and its path if it
            takes two arguments. When it returns the connection is closed with 1000, when
            it raises with 1011.
        create_protocol: makes the connections; :class:`WebSocketServerProtocol` or a
            subclass, or any callable with its arguments.
        compression: ``"deflate"`` accepts permessage-deflate; None doesn't.
        origins: values of the Origin header to accept; None in it accepts a request
            without one.
        extensions: factories of extensions, in order of preference.
        subprotocols: names of subprotocols.
        extra_headers: Headers, mapping or pairs to add to the response; or a callable
            that gives one of these, or None, for a path and request headers.
        process_request: coroutine function called with the path and the request
            headers; it returns None to go on, or status, headers and body to answer
            with instead.
        select_subprotocol: chooses from the client's and the server's subprotocols.
        open_timeout: seconds that the opening handshake may take, that of TLS included;
            None: any time.
        max_connections: how many connections may be there at a time; others get HTTP
            status 503. None: any number.
        path, unix: with ``unix=True`` it listens on the Unix socket at ``path``, as
            :func:`unix_serve` does; without, ``path`` means nothing.
        start_serving: False makes a server that accepts nothing yet;
            :meth:`WebSocketServer.start_serving` and :meth:`~WebSocketServer.serve_forever`
            let it.
        ping_interval, ping_timeout, close_timeout, max_size, max_queue, read_limit, write_limit:
            see :class:`WebSocketCommonProtocol`.

    Any other argument goes to ``loop.create_server()``.

    Raises TypeError for a handler that can't be called so, OSError if it can't listen.
    """

    _called = "serve"
    _gives = WebSocketServer
    _gift = "server"

    def __init__(
        self,
        ws_handler: Handler[ConnectionT],
        host: str | Sequence[str] | None = None,
        port: int | None = None,
        *,
        create_protocol: Callable[..., ConnectionT] | None = None,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        close_timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        compression: str | None = "deflate",
        origins: Collection[Origin | str | None] | None = None,
        extensions: Sequence[ServerExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | list[str] | tuple[str, ...] | None = None,
        extra_headers: ExtraHeadersOption | None = None,
        process_request: ProcessRequest | None = None,
        select_subprotocol: SelectSubprotocol | None = None,
        open_timeout: float | None = DEFAULT_OPEN_TIMEOUT,
        max_connections: int | None = None,
        path: str | None = None,
        unix: bool = False,
        start_serving: bool = True,
        **kwds: Any,
    ) -> None:
        check_list("origins", origins)
        check_list("subprotocols", subprotocols)
        self._path = path
        self._unix = unix
        self._address: dict[str, Any] = (
            {} if host is None and port is None else {"host": host, "port": port}
        )
        self._start_serving = start_serving
        self._max_connections = max_connections
        self._open_timeout = open_timeout
        self._kwds = kwds
        self._create_protocol = create_protocol or WebSocketServerProtocol
        self._handler = adapt_handler(ws_handler)
        self._protocol_kwds: dict[str, Any] = {
            "ping_interval": ping_interval,
            "ping_timeout": ping_timeout,
            "close_timeout": close_timeout,
            "max_size": max_size,
            "max_queue": max_queue,
            "read_limit": read_limit,
            "write_limit": write_limit,
            "origins": origins,
            "extensions": with_compression(compression, extensions, add_server_deflate),
            "subprotocols": subprotocols,
            "extra_headers": extra_headers,
            "process_request": process_request,
            "select_subprotocol": select_subprotocol,
        }
        if open_timeout != DEFAULT_OPEN_TIMEOUT:  # which other callables needn't know of
            self._protocol_kwds["open_timeout"] = open_timeout

    def __await__(self) -> Generator[Any, None, WebSocketServer]:
        return self._start().__await__()

    async def __aenter__(self) -> WebSocketServer:
        self.ws_server = await self
        return self.ws_server

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.ws_server.close()
        await self.ws_server.wait_closed()

    async def _start(self) -> WebSocketServer:
        loop = asyncio.get_running_loop()
        server = self._make_server()
        create_protocol = functools.partial(
            self._create_protocol, self._handler, server, **self._protocol_kwds
        )
        kwds = dict(self._kwds)
        tls = kwds.get("ssl") is not None
        if tls and self._open_timeout is not None:
            kwds.setdefault("ssl_handshake_timeout", self._open_timeout)

        def factory() -> WebSocketServerProtocol:
            protocol = create_protocol()
            if tls:
                protocol._accepted_at = loop.time()
            return protocol

        # Listen only when the server knows its listener, so that nothing is accepted before.
        listener: asyncio.AbstractServer
        try:
            if self._unix:
                create = opener(loop, "create_unix_server", tls=tls)
                listener = await create(factory, self._path, start_serving=False, **kwds)
            else:
                create = opener(loop, "create_server", tls=tls)
                listener = await create(factory, start_serving=False, **self._address, **kwds)
        except OSError as exc:
            advise_server(exc, self._path if self._unix else self._address.get("host"))
            raise
        server.wrap(listener)
        if self._start_serving:
            try:
                await listener.start_serving()
            except BaseException:
                listener.close()  # nobody else can
                raise
        return server

    def _make_server(self) -> WebSocketServer:
        return WebSocketServer(max_connections=self._max_connections)


serve = Serve


def unix_serve(ws_handler: Handler[ConnectionT], path: str | None = None, **kwds: Any) -> Serve:
    """Start a WebSocket server that listens on the Unix socket at ``path``.

    Without ``path``, ``sock`` is a Unix socket that is bound already. The other arguments
    are those of :func:`serve`.
    """
    return Serve(ws_handler, path=path, unix=True, **kwds)
