"""What is done with that which arrived: events are taken, answered and handed on."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Sequence
from typing import Callable

from ws_frames import (
    Close,
    CloseCode,
    Connection,
    Data,
    Event,
    Failure,
    Inbox,
    InvalidState,
    Outbox,
    Phase,
    Ping,
    Pong,
    Waiter,
)

from .attributes import Attributes
from .closer import Closer
from .keepalive import Keepalive, PongWaiters
from .logs import show_event
from .work import PARSING, Work

__all__ = ["Pump"]


class Pump(Attributes):
    """Takes events out of a connection, as many as there is room and time for, and acts on them."""

    # With a dict for these and those of subclasses, in which Python can't share the keys of
    # more than thirty, a connection would take a kilobyte more.
    __slots__ = (
        "_cause",
        "_closer",
        "_inbox",
        "_keepalive",
        "_outbox",
        "_pongs",
        "_pump_scheduled",
        "_waiter",
        "_work",
    )

    _cause: BaseException | None
    _closer: Closer
    _inbox: Inbox
    _keepalive: Keepalive | None
    _outbox: Outbox
    _pongs: PongWaiters
    _pump_scheduled: bool
    _waiter: Waiter
    _work: Work

    # Events

    def _pump(self, *, to_message: bool = False) -> None:
        """Take events until the queue of messages is full, or none is left.

        For a task that receives, take them up to a message, and what follows that one
        when the task is waiting again: its answer goes before the end of the connection.
        """
        connection, inbox = self._require_handshake(), self._inbox
        while not (to_message and inbox):
            room = inbox.room
            if not room and (connection.phase is Phase.OPEN or (self._lost and inbox)):
                self._pause_reading()
                return
            if self._work.is_enough():
                self._pause_reading()
                self._schedule_rest()
                return
            if not connection.pending:
                return
            messages = connection.ready_messages(room or 1024)
            if messages:
                self._work.add(len(messages))
                self._put(messages)
            elif not connection.ready:
                self._work.add(PARSING)
            elif not self._take_next(connection):
                return
            del messages
            if inbox:
                self._waiter.wake()
        if connection.pending:
            self._schedule_rest()

    def _schedule_rest(self) -> None:
        if not self._pump_scheduled:
            self._pump_scheduled = True
            self.loop.call_soon(self._pump_rest)

    def _pump_rest(self) -> None:
        self._pump_scheduled = False
        self._work.begin_turn()
        self._pump()
        connection = self._require_handshake()
        if connection.pending:
            return
        if self._inbox.room or connection.phase is not Phase.OPEN:
            self._resume_reading()
        if connection.phase is Phase.CLOSED:
            self._waiter.wake()  # nothing more will come

    def _put(self, messages: Sequence[Data]) -> None:
        if self._debug:
            self._log_received(messages)
        if self._inbox.room:
            self._inbox.put(messages)
        else:  # nobody reads, and the peer's close frame is behind what doesn't fit
            self._inbox.end()

    def _take_next(self, connection: Connection) -> bool:
        try:
            event = connection.next_event()
        except Exception as exc:  # noqa: BLE001 - whatever an extension raises
            self._fail_inside(exc)
            return False
        if event is not None:
            self._take(connection, event)
        return event is not None

    def _log_received(self, events: Iterable[Event]) -> None:
        for event in events:
            self.logger.debug("< %s", show_event(event))

    def _take(self, connection: Connection, event: Event) -> None:
        if isinstance(event, (str, bytes)):
            self._work.add(1 + (len(event) >> 12))  # it may have been inflated
            self._put((event,))
            return
        self._work.add(2)  # each is answered by itself
        if self._debug:
            self._log_received((event,))
        if isinstance(event, Ping):
            self._send_answers(connection, more=connection.pending)
        elif isinstance(event, Pong):
            self._pongs.answer(event.answered)
        else:
            self._take_end(connection, event)

    def _take_end(self, connection: Connection, event: Close | Failure) -> None:
        if isinstance(event, Failure):
            self._cause = event.error
            self.logger.info("failing the connection: %s", event.error)
        self._stop_keepalive()
        self._send_answers(connection)
        self._resume_reading()  # for the end of TCP
        self._closer.advance()

    def _fail_inside(self, exc: Exception) -> None:
        """Act on an exception that is no fault of the peer's, but of an extension."""
        self.logger.error("extension failed", exc_info=exc)
        self._cause = exc.with_traceback(None)  # which would refer to this object
        self.fail_connection(CloseCode.INTERNAL_ERROR)

    def _send_answers(self, connection: Connection, *, more: bool = False) -> None:
        # While the transport is full, the newest pong waits in the connection.
        if self._outbox.paused and connection.phase in (Phase.OPEN, Phase.CLOSE_SENT):
            return
        data = connection.data_to_send()
        if data:
            self._outbox.write(data, more)

    # Closing

    def fail_connection(self, code: int = CloseCode.ABNORMAL_CLOSURE, reason: str = "") -> None:
        """Fail the connection (RFC 6455 §7.1.7): send a close frame if possible, end TCP."""
        connection = self._ws_connection
        if connection is None or code == CloseCode.ABNORMAL_CLOSURE:
            self.transport.abort()
            return
        self._stop_keepalive()
        # A pong that still waits would come behind the end of our side.
        data = connection.data_to_send() + connection.fail(code, reason)
        if data:
            self._outbox.write(data)
        self._closer.advance()

    def _stop_keepalive(self) -> None:
        if self._keepalive is not None:
            self._keepalive.stop()
            self._keepalive = None

    # Inside

    def _require_handshake(self) -> Connection:
        if self._ws_connection is None:
            raise InvalidState("the opening handshake isn't complete")
        return self._ws_connection

    def _pause_reading(self) -> None:
        if not self._inbox.stopped and not self._lost:
            self._inbox.stopped = True
            self._tell(self.transport.pause_reading)

    def _resume_reading(self) -> None:
        if self._inbox.stopped and not self._lost:
            self._inbox.stopped = False
            self._tell(self.transport.resume_reading)

    def _tell(self, action: Callable[[], object]) -> None:
        # Before Python 3.11 TLS has no transport below it in the turn between the end of TCP and
        # connection_lost(), and says so.
        with contextlib.suppress(AttributeError):
            action()
