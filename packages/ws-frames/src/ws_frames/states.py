"""Role and state of a connection."""

from __future__ import annotations

from enum import Enum, IntEnum

__all__ = ["Role", "State"]


class Role(Enum):
    """Which end of the connection this is; the client is the one that masks (RFC 6455 §5.1)."""

    CLIENT = "client"
    SERVER = "server"


class State(IntEnum):
    """State of a connection, with the values that browsers give ``readyState``."""

    CONNECTING = 0
    OPEN = 1
    CLOSING = 2
    CLOSED = 3
