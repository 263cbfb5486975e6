"""The client's side of a connection (RFC 6455 §4.1)."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from ws_frames import Role
from ws_http import (
    ClientExtensionFactory,
    ClientHandshake,
    HeadersLike,
    InvalidHandshake,
    Opening,
    Origin,
    Subprotocol,
    WebSocketURI,
)

from .logs import log_request, log_response
from .protocol import WebSocketCommonProtocol
from .version import USER_AGENT

__all__ = ["WebSocketClientProtocol"]


#: Seconds that the body of a refusal may take.
BODY_TIME = 1


class WebSocketClientProtocol(WebSocketCommonProtocol):
    """The client's side of a connection.

    Takes the arguments of :class:`WebSocketCommonProtocol`, and the ``origin``,
    ``extensions``, ``subprotocols`` and ``extra_headers`` of :func:`connect`.
    """

    __slots__ = (
        "_body_timer",
        "_early",
        "_handshake",
        "_responded",
        "available_extensions",
        "available_subprotocols",
        "extra_headers",
        "origin",
    )

    is_client = True
    side = "client"
    _role = Role.CLIENT

    def __init__(
        self,
        *,
        origin: Origin | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: HeadersLike | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.origin = origin
        self.available_extensions = extensions
        self.available_subprotocols = subprotocols
        self.extra_headers = extra_headers
        self._handshake: ClientHandshake | None = None
        self._early = b""
        self._body_timer: asyncio.TimerHandle | None = None

    async def handshake(self, uri: WebSocketURI) -> None:
        """Do the opening handshake (RFC 6455 §4.1).

        Raises InvalidHandshake if the server doesn't accept, the OSError if TCP fails.
        """
        self._handshake = handshake = self._make_handshake(uri)
        self._responded: asyncio.Future[None] = self.loop.create_future()
        if self._lost:
            self._receive_handshake_eof()
        else:
            if self._debug:
                log_request(self.logger, ">", handshake.request)
            self._write_request(handshake.send_request())
            self._take_early()
        await self._read_response()
        if self._debug and handshake.response is not None:
            log_response(self.logger, "<", handshake.response)
        self._handshake_done(self._take_result(handshake))

    # Steps of it, which subclasses may change

    _handshake_class: type[ClientHandshake] = ClientHandshake

    def _make_handshake(self, uri: WebSocketURI) -> ClientHandshake:
        return self._handshake_class(
            uri,
            origin=self.origin,
            extensions=self.available_extensions,
            subprotocols=self.available_subprotocols,
            extra_headers=self.extra_headers,
            user_agent=self._user_agent(),
        )

    def _user_agent(self) -> str:
        return USER_AGENT

    def _write_request(self, data: bytes) -> None:
        """Write the request of the handshake, which is ``data``."""
        self.transport.write(data)

    async def _read_response(self) -> None:
        """Wait until the handshake has its response, or an error."""
        await self._responded

    def _take_result(self, handshake: ClientHandshake) -> Opening:
        """Give what the handshake opened, or raise why it didn't."""
        self._handshake = None
        if self._body_timer is not None:
            self._body_timer.cancel()
        try:
            return handshake.result()
        except InvalidHandshake as exc:
            raise exc from self._cause

    def take_partial_response(self) -> None:
        """Raise InvalidStatusCode if a refusal has come, of which only the body isn't complete."""
        if self._handshake is None:
            return
        self._handshake.receive_eof()
        if self._handshake.response is not None:
            self._take_result(self._handshake)

    # What arrives

    def _receive_handshake(self, data: bytes) -> None:
        if self._handshake is None:
            self._early += data
            self._pause_reading()
            return
        self._handshake.receive_data(data)
        self._note_response(self._handshake)
        if self._handshake.awaits_body and self._body_timer is None:
            # The refusal is the news; many servers say no length, and leave TCP open.
            self._body_timer = self.loop.call_later(BODY_TIME, self._receive_handshake_eof)

    def _take_early(self) -> None:
        """Take what came before the request: it isn't HTTP, but maybe the greeting of SMTP."""
        early, self._early = self._early, b""
        if early:
            self._receive_handshake(early)
            self._resume_reading()

    def _receive_handshake_eof(self) -> None:
        if self._handshake is not None:
            self._handshake.receive_eof()
            self._note_response(self._handshake)

    def _note_response(self, handshake: ClientHandshake) -> None:
        if handshake.done and not self._responded.done():
            self._responded.set_result(None)
