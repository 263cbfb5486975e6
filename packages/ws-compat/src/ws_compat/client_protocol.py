"""The client's side of a connection with all that it ever had."""

from __future__ import annotations

import weakref
from collections.abc import Sequence
from typing import Any, ClassVar

from ws_asyncio import WebSocketClientProtocol as CurrentProtocol
from ws_frames import Extension, Role
from ws_http import (
    ClientExtensionFactory,
    ClientHandshake,
    Headers,
    HeadersLike,
    Origin,
    Request,
    Subprotocol,
    WebSocketURI,
    confirm_extensions,
    confirm_subprotocol,
)

from .extra_headers import modernize_extra_headers
from .hooks import overrides, warn_of_overrides
from .paths import assigned
from .protocol import WebSocketCommonProtocol

__all__ = ["WebSocketClientProtocol"]


class Handshake(ClientHandshake):
    """Lets the connection judge the response where its class has a way of its own."""

    connection: weakref.ref[WebSocketClientProtocol]

    def confirm_extensions(self, headers: Headers) -> Sequence[Extension]:
        connection = self.connection()
        if not overrides(connection, WebSocketClientProtocol, "process_extensions"):
            return super().confirm_extensions(headers)
        assert connection is not None
        return connection.process_extensions(headers, self.extensions)

    def confirm_subprotocol(self, headers: Headers) -> Subprotocol | None:
        connection = self.connection()
        if not overrides(connection, WebSocketClientProtocol, "process_subprotocol"):
            return super().confirm_subprotocol(headers)
        assert connection is not None
        return connection.process_subprotocol(headers, connection.available_subprotocols)


class WebSocketClientProtocol(WebSocketCommonProtocol, CurrentProtocol):
    """The client's side of a connection.

    Takes the arguments of :class:`ws_asyncio.WebSocketClientProtocol`, and the deprecated
    ones of :class:`WebSocketCommonProtocol`.
    """

    counterpart: ClassVar[type] = CurrentProtocol

    is_client = True
    side = "client"
    _role = Role.CLIENT

    _handshake_class = Handshake

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        warn_of_overrides(cls, "client")

    # Steps of the opening handshake, in the form that subclasses know

    async def handshake(
        self,
        wsuri: WebSocketURI,
        origin: Origin | None = None,
        available_extensions: Sequence[ClientExtensionFactory] | None = None,
        available_subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: HeadersLike | None = None,
    ) -> None:
        """Do the opening handshake (RFC 6455 §4.1).

        Raises InvalidHandshake if the server doesn't accept, the OSError if TCP fails.
        """
        if self._host is None:
            self._secure, self._host, self._port = wsuri[:3]
        self.origin = origin
        self.available_extensions = available_extensions
        self.available_subprotocols = available_subprotocols
        self.extra_headers = extra_headers
        await super().handshake(wsuri)

    def write_http_request(self, path: str, headers: Headers) -> None:
        """Write the request."""
        super()._write_request(Request("GET", path, headers).serialize())

    async def read_http_response(self) -> tuple[int, Headers]:
        """Wait for the response; return its status and headers."""
        await super()._read_response()
        assert self._handshake is not None
        response = self._handshake.response
        if response is None:
            self._handshake.result()  # raises what is wrong
        assert response is not None
        return response.status, response.headers

    @staticmethod
    def process_extensions(
        headers: Headers, available_extensions: Sequence[ClientExtensionFactory] | None
    ) -> Sequence[Extension]:
        """Return the extensions that the response agrees to."""
        return confirm_extensions(headers, available_extensions or ())

    @staticmethod
    def process_subprotocol(
        headers: Headers, available_subprotocols: Sequence[Subprotocol] | None
    ) -> Subprotocol | None:
        """Return the subprotocol that the response agrees to."""
        return confirm_subprotocol(headers, available_subprotocols or ())

    # How they are reached

    def _make_handshake(self, uri: WebSocketURI) -> ClientHandshake:
        self.extra_headers = modernize_extra_headers(self.extra_headers)
        handshake = super()._make_handshake(uri)
        assert isinstance(handshake, Handshake)
        handshake.connection = weakref.ref(self)
        return handshake

    def _user_agent(self) -> str:
        name: str = assigned("USER_AGENT", super()._user_agent())
        return name

    def _write_request(self, data: bytes) -> None:
        if not overrides(self, WebSocketClientProtocol, "write_http_request"):
            super()._write_request(data)
            return
        assert self._handshake is not None
        request = self._handshake.request
        self.write_http_request(request.target, request.headers)

    async def _read_response(self) -> None:
        await self.read_http_response()

    # Those of a connection that is driven by hand come before those of a client

    _receive_handshake = CurrentProtocol._receive_handshake
    _receive_handshake_eof = CurrentProtocol._receive_handshake_eof
