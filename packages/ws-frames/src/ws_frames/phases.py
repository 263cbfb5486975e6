"""The life of a connection after its opening handshake (RFC 6455 §7), as a table.

Each row says what may happen in a phase and which phase follows; what isn't in the
table is an error of the caller. What the peer may do in a phase is the parser's
business. Both roles live by the same table; only who closes TCP differs.

Rules that the table states:

- Once a close frame is sent, nothing but pongs goes out (§5.5.1: "The application MUST
  NOT send any more data frames after sending a Close frame").
- A close frame is sent once. The one that answers the peer's is sent by receiving it.
- After a failure nothing that the peer sends counts any more (§7.1.7).
"""

from __future__ import annotations

from enum import Enum

from .states import State

__all__ = ["REASONS", "TRANSITIONS", "Phase", "Step"]


class Phase(Enum):
    """Where a connection stands; finer than :class:`State`."""

    OPEN = "open"
    CLOSE_SENT = "close sent"  # we began the closing handshake
    CLOSE_EXCHANGED = "close exchanged"  # only the end of TCP is missing
    FAILED = "failed"  # our close frame says why, if it could be sent
    CLOSED = "closed"  # TCP has ended

    __hash__ = object.__hash__  # an enumeration's own is in Python, and slow

    @property
    def state(self) -> State:
        """What the rest of the world calls this phase."""
        return STATES[self]


class Step(Enum):
    """What can happen to a connection."""

    SEND_DATA = "send data"
    SEND_PING = "send ping"
    SEND_PONG = "send pong"
    SEND_CLOSE = "send close"
    RECEIVE_CLOSE = "receive close"
    FAIL = "fail"
    END = "TCP ends"

    __hash__ = object.__hash__


TRANSITIONS = {
    (Phase.OPEN, Step.SEND_DATA): Phase.OPEN,
    (Phase.OPEN, Step.SEND_PING): Phase.OPEN,
    (Phase.OPEN, Step.SEND_PONG): Phase.OPEN,
    (Phase.OPEN, Step.SEND_CLOSE): Phase.CLOSE_SENT,
    (Phase.OPEN, Step.RECEIVE_CLOSE): Phase.CLOSE_EXCHANGED,
    (Phase.OPEN, Step.FAIL): Phase.FAILED,
    (Phase.OPEN, Step.END): Phase.CLOSED,
    (Phase.CLOSE_SENT, Step.SEND_PONG): Phase.CLOSE_SENT,
    (Phase.CLOSE_SENT, Step.RECEIVE_CLOSE): Phase.CLOSE_EXCHANGED,
    (Phase.CLOSE_SENT, Step.FAIL): Phase.FAILED,
    (Phase.CLOSE_SENT, Step.END): Phase.CLOSED,
    (Phase.CLOSE_EXCHANGED, Step.END): Phase.CLOSED,
    (Phase.FAILED, Step.END): Phase.CLOSED,
}

STATES = {
    Phase.OPEN: State.OPEN,
    Phase.CLOSE_SENT: State.CLOSING,
    Phase.CLOSE_EXCHANGED: State.CLOSING,
    Phase.FAILED: State.CLOSING,
    Phase.CLOSED: State.CLOSED,
}

#: Why a step isn't possible in a phase.
REASONS = {
    Phase.CLOSE_SENT: "a close frame was sent",
    Phase.CLOSE_EXCHANGED: "close frames were exchanged",
    Phase.FAILED: "the connection has failed",
    Phase.CLOSED: "the connection is closed",
}
