"""One closing procedure for every cause (RFC 6455 §7.1)."""

from __future__ import annotations

import asyncio

from ws_frames import (
    CloseCode,
    Connection,
    ConnectionClosed,
    ConnectionClosedError,
    ConnectionClosedOK,
    Outbox,
    Phase,
)

from .disconnector import Disconnector

__all__ = ["Closer"]

CLOSED_OK = (CloseCode.NORMAL_CLOSURE, CloseCode.GOING_AWAY)

#: Seconds in which the peer may end TCP after the closing handshake, before this end does.
LINGER = 1


class Closer:
    """Does what comes next, whatever moved the connection out of its OPEN phase.

    Each stage has the time limit of the disconnector: the peer's close frame, the
    peer's end of TCP, the writing of what was handed to the transport.
    """

    __slots__ = ("_connection", "_disconnector", "_outbox", "_stage", "_timed_out")

    def __init__(self, connection: Connection, outbox: Outbox, disconnector: Disconnector) -> None:
        self._connection = connection
        self._outbox = outbox
        self._disconnector = disconnector
        self._stage = Phase.OPEN
        self._timed_out = False  # the peer sent no close frame in time

    def advance(self) -> None:
        """Do what the phase of the connection asks for; nothing if it is the same as before."""
        phase = self._connection.phase
        if phase is self._stage:
            return
        self._stage = phase
        if phase is Phase.CLOSE_SENT:
            self._outbox.flush()
            self._disconnector.limit(self._give_up)
        elif phase is Phase.FAILED:
            self._outbox.finish()
            self._disconnector.linger()
        elif self._connection.may_disconnect:
            # What came behind the peer's close frame would make the end of TCP a reset:
            # "An endpoint SHOULD use a method that cleanly closes the TCP connection [...],
            # discarding any trailing bytes that may have been received." (§7.1.1)
            self._outbox.finish()
            self._disconnector.linger(at_most=LINGER, then=self._disconnector.close)
        elif phase is Phase.CLOSE_EXCHANGED:  # a client lets the server end TCP
            self._outbox.flush()
            self._disconnector.limit(self.disconnect)

    def _give_up(self) -> None:
        self._timed_out = True
        self.disconnect()

    def disconnect(self) -> None:
        """End TCP without waiting for the peer any longer."""
        self._outbox.finish()
        self._disconnector.close()

    def exception(self, cause: BaseException | None) -> ConnectionClosed:
        """Give what tells of the end of the connection: its code and reason, and its cause."""
        connection = self._connection
        code = connection.close_code or CloseCode.ABNORMAL_CLOSURE
        kind = ConnectionClosedOK if code in CLOSED_OK else ConnectionClosedError
        exc = kind(code, connection.close_reason or "")
        if cause is None and self._timed_out:
            cause = asyncio.TimeoutError(f"no close frame within {self._disconnector.timeout} s")
        exc.__cause__ = cause
        return exc
