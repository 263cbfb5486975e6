"""What is known of a connection at each moment: its settings, its handshake, its state."""

from __future__ import annotations

import asyncio
import logging
import uuid
from typing import Any

from ws_frames import CloseCode, Connection, Extension, Role, State
from ws_http import Headers, Subprotocol

from .logs import connection_logger, logger_of
from .misuse import OnlyAsync

__all__ = ["ADDRESSES", "Attributes"]

#: What a transport calls its addresses: that of this end, and that of the other.
ADDRESSES = ("sockname", "peername")


class Attributes(OnlyAsync, asyncio.Protocol):
    """The attributes of a connection; all may be looked at before the handshake and after the end."""

    __slots__ = (
        "_base_logger",
        "_debug",
        "_id",
        "_lost",
        "_ws_connection",
        "close_timeout",
        "extensions",
        "loop",
        "max_queue",
        "max_size",
        "path",
        "ping_interval",
        "ping_timeout",
        "read_limit",
        "request_headers",
        "response_headers",
        "subprotocol",
        "transport",
        "write_limit",
    )

    is_client: bool
    side: str
    _role: Role

    #: The addresses, where there is TLS: it forgets them at the end, which plain TCP doesn't.
    _addresses: dict[str, Any] | None = None

    loop: asyncio.AbstractEventLoop
    transport: asyncio.Transport

    def __init__(
        self,
        *,
        ping_interval: float | None = 20,
        ping_timeout: float | None = 20,
        close_timeout: float | None = 10,
        max_size: int | None = 2**20,
        max_queue: int | None = 2**5,
        read_limit: int = 2**16,
        write_limit: int = 2**16,
        logger: logging.Logger | None = None,
    ) -> None:
        self.ping_interval = ping_interval
        self.ping_timeout = ping_timeout
        self.close_timeout = close_timeout
        self.max_size = max_size
        self.max_queue = max_queue
        self.read_limit = read_limit
        self.write_limit = write_limit

        self._id: uuid.UUID | None = None
        self._base_logger = logger or logger_of(self.side)
        self._debug = False
        #: Path and query of the request; empty before the opening handshake.
        self.path = ""
        #: The headers of the request; none before the opening handshake.
        self.request_headers = Headers()
        #: The headers of the response; none before the opening handshake.
        self.response_headers = Headers()
        #: The subprotocol that was agreed on, None if none was.
        self.subprotocol: Subprotocol | None = None
        #: The extensions that were agreed on, in the order of the header.
        self.extensions: list[Extension] = []

        self._ws_connection: Connection | None = None
        self._lost = False

    # State

    @property
    def role(self) -> Role:
        """CLIENT or SERVER: which end of the connection this is."""
        return self._role

    @property
    def id(self) -> uuid.UUID:
        """A random identifier, for logs and the application."""
        if self._id is None:
            self._id = uuid.uuid4()
        return self._id

    @property
    def logger(self) -> logging.LoggerAdapter[Any]:
        """Where the connection logs; its records have ``websocket`` and ``websocket_id``."""
        return connection_logger(self._base_logger, self)

    @property
    def state(self) -> State:
        """CONNECTING, OPEN, CLOSING or CLOSED."""
        if self._ws_connection is not None:
            return self._ws_connection.state
        return State.CLOSED if self._lost else State.CONNECTING

    @property
    def close_code(self) -> int | None:
        """Status code of the peer's close frame, 1006 without one; None until it is closed."""
        if self._ws_connection is not None:
            return self._ws_connection.close_code
        return CloseCode.ABNORMAL_CLOSURE if self._lost else None

    @property
    def close_reason(self) -> str | None:
        """Reason in the peer's close frame, empty without one; None until it is closed."""
        if self._ws_connection is not None:
            return self._ws_connection.close_reason
        return "" if self._lost else None

    @property
    def local_address(self) -> Any:
        """Address of this end, as ``socket.getsockname()`` gives it; None before it is known."""
        return self._extra_info("sockname")

    @property
    def remote_address(self) -> Any:
        """Address of the other end, as ``socket.getpeername()`` gives it; None if unknown."""
        return self._extra_info("peername")

    @property
    def open(self) -> bool:
        """Whether messages can be sent: after the opening and before the closing handshake."""
        return self.state is State.OPEN

    @property
    def closed(self) -> bool:
        """Whether it is all over, TCP included."""
        return self.state is State.CLOSED

    def _extra_info(self, name: str) -> Any:
        if self._addresses is not None and name in self._addresses:
            return self._addresses[name]
        transport = getattr(self, "transport", None)
        return None if transport is None else transport.get_extra_info(name)
