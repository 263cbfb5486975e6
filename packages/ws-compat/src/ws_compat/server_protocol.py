"""The server's side of a connection with all that it ever had."""

from __future__ import annotations

import http.client
import inspect
import weakref
from collections.abc import Collection, Sequence
from http import HTTPStatus
from typing import Any, ClassVar

from ws_asyncio import WebSocketServer
from ws_asyncio import WebSocketServerProtocol as CurrentProtocol
from ws_frames import Extension, Role
from ws_http import (
    AbortHandshake,
    Headers,
    HeadersLike,
    Origin,
    Response,
    ServerExtensionFactory,
    ServerHandshake,
    Subprotocol,
    check_origin,
    choose_extensions,
    choose_subprotocol,
)

from .arguments import is_plain_function, modernize_origins
from .deprecation import warn_deprecated
from .extra_headers import modernize_extra_headers, with_text_values
from .hooks import overrides, warn_of_overrides
from .protocol import Replaceable, WebSocketCommonProtocol

__all__ = ["WebSocketServerProtocol"]


class Handshake(ServerHandshake):
    """Lets the connection judge the request where its class has a way of its own."""

    connection: weakref.ref[WebSocketServerProtocol]

    def check_origin(self, headers: Headers) -> Origin | None:
        connection = self.connection()
        if not overrides(connection, WebSocketServerProtocol, "process_origin"):
            return super().check_origin(headers)
        assert connection is not None
        return connection.process_origin(headers, self.origins)

    def choose_extensions(self, headers: Headers) -> tuple[str | None, Sequence[Extension]]:
        connection = self.connection()
        if not overrides(connection, WebSocketServerProtocol, "process_extensions"):
            return super().choose_extensions(headers)
        assert connection is not None
        return connection.process_extensions(headers, self.extensions)

    def choose_subprotocol(self, headers: Headers) -> Subprotocol | None:
        connection = self.connection()
        if not overrides(connection, WebSocketServerProtocol, "process_subprotocol"):
            return super().choose_subprotocol(headers)
        assert connection is not None
        return connection.process_subprotocol(headers, self.subprotocols)


class WebSocketServerProtocol(WebSocketCommonProtocol, CurrentProtocol):
    """The server's side of a connection.

    Takes the arguments of :class:`ws_asyncio.WebSocketServerProtocol`, and the deprecated
    ones of :class:`WebSocketCommonProtocol`. ``ws_server`` is anything with ``register``
    and ``unregister``, and perhaps ``is_serving``: where that is false, the handshake is
    answered with HTTP status 503.
    """

    counterpart: ClassVar[type] = CurrentProtocol

    is_client = False
    side = "server"
    _role = Role.SERVER

    accepted_at: Any = Replaceable(CurrentProtocol.accepted_at)
    open_timeout: Any = Replaceable(CurrentProtocol.open_timeout)

    _handshake_class = Handshake

    #: The origin of the request, once it is judged.
    origin: Origin | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        modernize_origins(kwargs)
        if is_plain_function(kwargs.get("process_request")):
            warn_deprecated("process_request as a function")
        super().__init__(*args, **kwargs)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        warn_of_overrides(cls, "server")

    # Steps of the opening handshake, in the form that subclasses know

    async def handshake(
        self,
        origins: Collection[Origin | None] | None = None,
        available_extensions: Sequence[ServerExtensionFactory] | None = None,
        available_subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: Any = None,
    ) -> str:
        """Do the opening handshake (RFC 6455 §4.2); return the path of the request.

        Raises InvalidHandshake if the request is not accepted.
        """
        path, request_headers = await self.read_http_request()
        response = await self._ask(path, request_headers)
        if not self._is_serving():
            raise AbortHandshake(HTTPStatus.SERVICE_UNAVAILABLE, (), b"The server is closing.\n")
        if response is not None:
            status, headers, *body = response
            raise AbortHandshake(status, with_text_values(headers), *body)
        handshake = self._handshake
        assert handshake.request is not None
        handshake.request = handshake.request._replace(target=path, headers=request_headers)
        handshake.origins = origins
        handshake.extensions = available_extensions or ()
        handshake.subprotocols = available_subprotocols or ()
        if callable(extra_headers):
            extra_headers = extra_headers(path, request_headers)
        self._accept(extra_headers)
        return path

    async def read_http_request(self) -> tuple[str, Headers]:
        """Wait for the request; return its path, with the query, and its headers."""
        await self._wait_for_request()
        request = self._take_request()
        return request.target, request.headers

    def write_http_response(
        self, status: HTTPStatus, headers: HeadersLike, body: bytes | None = None
    ) -> None:
        """Write the response."""
        reason = http.client.responses.get(status, "")
        response = Response(int(status), reason, Headers(with_text_values(headers)), body or b"")
        super()._write_response(response.serialize())

    @staticmethod
    def process_origin(
        headers: Headers, origins: Collection[Origin | None] | None = None
    ) -> Origin | None:
        """Return the origin of the request. Raises InvalidOrigin."""
        return check_origin(headers, origins)

    @staticmethod
    def process_extensions(
        headers: Headers, available_extensions: Sequence[ServerExtensionFactory] | None
    ) -> tuple[str | None, Sequence[Extension]]:
        """Return the header that answers the offers, or None, and the extensions agreed on."""
        return choose_extensions(headers, available_extensions or ())

    def process_subprotocol(
        self, headers: Headers, available_subprotocols: Sequence[Subprotocol] | None
    ) -> Subprotocol | None:
        """Return the subprotocol agreed on, or None."""
        return choose_subprotocol(headers, available_subprotocols or (), self.select_subprotocol)

    # How they are reached

    def _make_handshake(self) -> ServerHandshake:
        handshake = super()._make_handshake()
        assert isinstance(handshake, Handshake)
        handshake.connection = weakref.ref(self)
        return handshake

    async def _judge(self) -> None:
        await self.handshake(
            origins=self.origins,
            available_extensions=self.available_extensions,
            available_subprotocols=self.available_subprotocols,
            extra_headers=self.extra_headers,
        )

    async def _ask(self, path: str, request_headers: Headers) -> Any:
        """Ask the application, whose process_request() may be a function."""
        self._processing = True
        try:
            response: Any = self.process_request(path, request_headers)
            return await response if inspect.isawaitable(response) else response
        finally:
            self._processing = False

    def _is_serving(self) -> bool:
        # Our own server tells its connections by itself.
        if isinstance(self.ws_server, WebSocketServer):
            return True
        is_serving = getattr(self.ws_server, "is_serving", None)
        return is_serving is None or bool(is_serving())

    def _accept(self, extra_headers: HeadersLike | None) -> None:
        super()._accept(modernize_extra_headers(extra_headers))
        self.origin = self._handshake.origin

    def _write_response(self, data: bytes) -> None:
        response = self._handshake.response
        if response is None or not overrides(self, WebSocketServerProtocol, "write_http_response"):
            super()._write_response(data)
            return
        status = HTTPStatus(response.status)
        self.write_http_response(status, response.headers, response.body or None)

    # Those of a connection that is driven by hand come before those of a server

    _receive_handshake = CurrentProtocol._receive_handshake
    _receive_handshake_eof = CurrentProtocol._receive_handshake_eof
