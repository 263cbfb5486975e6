"""Settings that programs change while a connection is open."""

from __future__ import annotations

from typing import Any, Callable

from ws_asyncio import WebSocketCommonProtocol
from ws_frames import Phase

__all__ = ["Setting", "limit_closing", "limit_messages", "restart_keepalive"]


class Setting:
    """A setting of which the connection is told when it has a new value."""

    def __init__(self, name: str, apply: Callable[[Any], None]) -> None:
        self._slot: Any = getattr(WebSocketCommonProtocol, name)
        self._apply = apply

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        return self._slot.__get__(instance, owner)

    def __set__(self, instance: Any, value: Any) -> None:
        self._slot.__set__(instance, value)
        connection = getattr(instance, "_ws_connection", None)
        if connection is not None and connection.phase is not Phase.CLOSED:
            self._apply(instance)


def limit_closing(protocol: Any) -> None:
    """Let the stages of closing take that long, from the next one on."""
    protocol._disconnector.timeout = protocol.close_timeout


def limit_messages(protocol: Any) -> None:
    """Accept messages of that size, from the next frame on."""
    protocol._ws_connection.max_size = protocol.max_size


def restart_keepalive(protocol: Any) -> None:
    """Send pings at that interval from now on, or none."""
    if protocol._ws_connection.phase is Phase.OPEN:
        protocol._stop_keepalive()
        protocol._start_keepalive()
