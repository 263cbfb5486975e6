"""The connection with all that it ever had."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, ClassVar

from ws_asyncio import WebSocketCommonProtocol as CurrentProtocol
from ws_frames import CloseCode, Data, Role
from ws_http import Opening

from .arguments import check_loop, modernize_queue, rename, take_legacy_recv, take_loop
from .counterparts import Counterpart
from .deprecation import warn_deprecated
from .legacy_recv import use_legacy_recv
from .messages import Messages
from .settings import Setting, limit_closing, limit_messages, restart_keepalive

__all__ = ["WebSocketCommonProtocol"]

# What a program may have put another one in the place of.
STOCK_RECV = CurrentProtocol.recv


class Replaceable:
    """An attribute that a program may replace by one of its own.

    Those that came after 9.0 have names that programs use for what is theirs; a property
    would keep them from that.
    """

    def __init__(self, replaced: Any) -> None:
        self._property = replaced
        self.__doc__ = replaced.__doc__

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self._property.__get__(instance, owner)


class WebSocketCommonProtocol(CurrentProtocol, metaclass=Counterpart):
    """One WebSocket connection.

    Takes the arguments of :class:`ws_asyncio.WebSocketCommonProtocol`, and the deprecated
    ones ``timeout``, ``loop``, ``host``, ``port``, ``secure`` and ``legacy_recv``.

    A server that does the opening handshake by itself can drive one by hand: set
    ``is_client``, and ``subprotocol`` and ``extensions`` if there are, then call
    :meth:`connection_made`, :meth:`connection_open` and what else a transport calls.
    """

    counterpart: ClassVar[type] = CurrentProtocol

    is_client = False
    side = "server"
    _role = Role.SERVER

    id: Any = Replaceable(CurrentProtocol.id)
    logger: Any = Replaceable(CurrentProtocol.logger)
    role: Any = Replaceable(CurrentProtocol.role)
    latency: Any = Replaceable(CurrentProtocol.latency)
    backlog: Any = Replaceable(CurrentProtocol.backlog)

    close_timeout: Any = Setting("close_timeout", limit_closing)
    max_size: Any = Setting("max_size", limit_messages)
    ping_interval: Any = Setting("ping_interval", restart_keepalive)
    ping_timeout: Any = Setting("ping_timeout", restart_keepalive)

    def __init__(
        self,
        *args: Any,
        host: str | None = None,
        port: int | None = None,
        secure: bool | None = None,
        **kwargs: Any,
    ) -> None:
        rename(kwargs, "timeout", "close_timeout")
        modernize_queue(kwargs)
        legacy_recv = take_legacy_recv(kwargs)
        self._given_loop = take_loop(kwargs)
        super().__init__(*args, **kwargs)
        self._host: Any = host
        self._port: Any = port
        self._secure = secure
        if (host, port, secure) != (None, None, None):
            warn_deprecated("giving host, port or secure")
        self._early = b""
        self._opening: Opening | None = None
        # Today it is known from connection_made() on; it used to be there at once.
        with suppress(RuntimeError):
            self.loop = self._given_loop or asyncio.get_running_loop()
        if legacy_recv:
            use_legacy_recv(self)

    # Attributes

    @property
    def host(self) -> Any:
        """Host of the server."""
        warn_deprecated("host")
        return self._server_address[0] if self._host is None else self._host

    @host.setter
    def host(self, host: Any) -> None:
        self._host = host

    @property
    def port(self) -> Any:
        """Port of the server."""
        warn_deprecated("port")
        return self._server_address[1] if self._port is None else self._port

    @port.setter
    def port(self, port: Any) -> None:
        self._port = port

    @property
    def secure(self) -> bool:
        """Whether the connection is with TLS."""
        warn_deprecated("secure")
        if self._secure is None:
            return self._extra_info("ssl_object") is not None
        return self._secure

    @property
    def _server_address(self) -> tuple[Any, ...]:
        address = self.remote_address if self.is_client else self.local_address
        # That of a Unix socket is its path.
        return address if isinstance(address, tuple) else (None, None)

    @property
    def state_name(self) -> str:
        """Name of the state."""
        warn_deprecated("state_name")
        return self.state.name

    @property
    def raw_request_headers(self) -> list[tuple[str, str]]:
        """The headers of the request as pairs."""
        warn_deprecated("raw_request_headers")
        return list(self.request_headers.raw_items())

    @property
    def raw_response_headers(self) -> list[tuple[str, str]]:
        """The headers of the response as pairs."""
        warn_deprecated("raw_response_headers")
        return list(self.response_headers.raw_items())

    def _give_writer(self) -> asyncio.Transport:
        """Where bytes are written to."""
        warn_deprecated("writer")
        return self.transport

    def _give_timeout(self) -> Any:
        """Seconds for each stage of closing."""
        warn_deprecated("timeout")
        return self.close_timeout

    writer: Any = Replaceable(property(_give_writer))
    timeout: Any = Replaceable(property(_give_timeout))

    # Receiving

    def __aiter__(self) -> AsyncIterator[Data]:
        """Go through the messages, as :meth:`recv` gives them, until the connection is closed.

        Ends on 1000 and 1001, raises ConnectionClosedError otherwise.
        """
        recv: Any = self._receiver()
        if getattr(recv, "__func__", None) is STOCK_RECV and recv.__self__ is self:
            return super().__aiter__()
        return Messages(recv)

    def _receiver(self) -> Any:
        """Give what waits for a message, and raises ConnectionClosed."""
        return self.recv

    # What those who drove a connection by hand called

    async def ensure_open(self) -> None:
        """Raise ConnectionClosed unless messages can be sent."""
        warn_deprecated("ensure_open()")
        await self._require_open()

    async def close_connection(self) -> None:
        """Close the connection, whoever uses it, and wait until it is closed."""
        warn_deprecated("close_connection()")
        await self.close(CloseCode.GOING_AWAY)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport; the event loop has to be running."""
        check_loop(self._given_loop)
        self._role = role = Role.CLIENT if self.is_client else Role.SERVER
        if self._base_logger.name == "websockets.server":  # it was a server until now
            self._base_logger = logging.getLogger(f"websockets.{role.value}")
        super().connection_made(transport)

    def connection_open(self, opening: Opening | None = None) -> None:
        """Go over to messages, when the opening handshake is done.

        Without ``opening``, which says what was agreed on, the attributes do.
        """
        opening, self._opening = opening or self._opening, None
        if opening is None:
            warn_deprecated("connection_open() without an opening")
            opening = Opening(
                self.path,
                self.request_headers,
                self.response_headers,
                self.subprotocol,
                self.extensions,
                self._early,
            )
        super().connection_open(opening)

    def _handshake_done(self, opening: Opening) -> None:
        # Those who override connection_open() don't expect an argument.
        self._opening = opening
        self.connection_open()

    def _receive_handshake(self, data: bytes) -> None:
        self._early += data

    def _receive_handshake_eof(self) -> None:
        """Nobody waits for a handshake."""
