"""The link between a transport and a connection: what asyncio calls, and what comes of it."""

from __future__ import annotations

import asyncio
import logging
from typing import cast

from ws_frames import (
    BytesLike,
    CloseCode,
    Connection,
    ConnectionClosed,
    Inbox,
    Outbox,
    Phase,
    Role,
    Waiter,
)
from ws_http import Opening

from .attributes import ADDRESSES
from .closer import Closer
from .disconnector import Disconnector
from .fragments import Turn
from .keepalive import Keepalive, PongWaiters
from .pump import Pump
from .reading import Reader, may_share, shared_buffer
from .work import BYTES_PER_EVENT, LARGE_READ, Work
from .writer import Writer

__all__ = ["Link"]


class Link(Pump):
    """Passes bytes between a transport and a connection, whose events the pump acts on.

    The inbox and the outbox, the waiter, the writer, the closer and the keepalive each do
    one thing; this is where they are made and meet.
    """

    __slots__ = ("_awaiting_end", "_disconnector", "_turn", "_writer")

    # What asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._cause = None
        self._keepalive = None
        self._pump_scheduled = False
        self.loop = asyncio.get_running_loop()
        # Those of other event loops have its methods, but needn't be subclasses of it.
        self.transport = transport = cast(asyncio.Transport, transport)
        self._debug = self._base_logger.isEnabledFor(logging.DEBUG)
        self._awaiting_end: set[asyncio.Future[None]] | None = None  # idle connections are small
        transport.set_write_buffer_limits(self.write_limit)
        if hasattr(transport, "max_size"):  # asyncio makes an object of that size for each read
            transport.max_size = max(self.read_limit, 1)
        self._work = Work(self.loop)
        self._inbox = Inbox(max_queue=self.max_queue, max_bytes=self.max_size)
        self._outbox = Outbox(transport, self.loop.call_soon, self._inbox, limit=self.write_limit)
        self._writer = Writer(self.loop, self._outbox)
        self._disconnector = Disconnector(self.loop, transport, self.close_timeout)
        if transport.get_extra_info("sslcontext") is not None:
            kept = {name: transport.get_extra_info(name) for name in ADDRESSES}
            self._addresses = kept  # type: ignore[misc]  # plain TCP does without a slot for it

    def connection_open(self, opening: Opening) -> None:
        """Go over from the opening handshake to messages (RFC 6455 §4)."""
        self.path = opening.path
        self.request_headers = opening.request_headers
        self.response_headers = opening.response_headers
        self.subprotocol = opening.subprotocol
        self.extensions = list(opening.extensions)
        self._ws_connection = connection = Connection(
            self._role, max_size=self.max_size, extensions=self.extensions
        )
        self._outbox.open(connection, masked=None if self.extensions else self._role is Role.CLIENT)
        self._outbox.traced = self._debug
        self._waiter = Waiter(self.loop, asyncio.current_task)
        self._inbox.open(self, connection, self._waiter, self._outbox)
        self._inbox.traced = self._debug
        self._turn = Turn(self.loop, self._outbox)
        self._pongs = PongWaiters(self.loop)
        self._closer = Closer(connection, self._outbox, self._disconnector)
        self._start_keepalive()
        self._resume_reading()
        self._divert_data()
        if opening.trailing:
            # Not acted on yet: the first to see it is who waits for the connection.
            connection.receive_data(opening.trailing)
            self.loop.call_soon(self._pump_rest)
        if self._lost:
            self._end(connection)

    def data_received(self, data: bytes) -> None:
        if self._ws_connection is None:
            self._receive_handshake(data)
        else:
            self._receive_slowly(data)

    def eof_received(self) -> bool | None:
        # Returning None makes the transport close, once what was written is out.
        if self._ws_connection is None:
            self._receive_handshake_eof()
        else:
            self._closer.disconnect()
        return None

    def connection_lost(self, exc: Exception | None) -> None:
        self._lost = True
        # Its traceback would refer to the frames of who was writing, and so to this object.
        self._cause = self._cause or (exc and exc.with_traceback(None))
        if not self.transport.is_closing():
            self.transport.close()  # TLS warns of a transport that wasn't
        self._writer.end()
        self._disconnector.stop()
        self._inbox.close()
        for future in self._awaiting_end or ():
            if not future.done():
                future.set_result(None)
        if self._ws_connection is None:
            self._receive_handshake_eof()
        else:
            self._end(self._ws_connection)

    def pause_writing(self) -> None:
        self._writer.pause()

    def resume_writing(self) -> None:
        self._writer.resume()
        if self._ws_connection is not None:
            self._send_answers(self._ws_connection)

    # What the handshake of each side does

    def _receive_handshake(self, data: bytes) -> None:
        raise NotImplementedError

    def _receive_handshake_eof(self) -> None:
        raise NotImplementedError

    def _handshake_done(self, opening: Opening) -> None:
        self.connection_open(opening)

    # Bytes

    def _divert_data(self) -> None:
        """Have the transport call the inbox instead of :meth:`data_received`.

        So nothing of a message is done in Python but what the application does with it.
        """
        if self._looks_at_data():
            return
        self.data_received = self._inbox.receive  # type: ignore[method-assign, assignment]
        # Some transports look up the method when they are given a protocol, not at each call.
        # Where that is another one, which hands on what it is called for, it stays so.
        transport = self.transport
        try:
            if transport.get_protocol() is self:
                transport.set_protocol(self)
        except NotImplementedError:
            pass

    def _divert_large_reads(self) -> None:
        """Have the transport read into a buffer: large reads take less then, small ones more."""
        transport = self.transport
        if self._looks_at_data() or not may_share(transport, self.read_limit):
            return
        if transport.get_protocol() is self:
            self._inbox.buffer = shared_buffer(self.loop, self.read_limit)
            transport.set_protocol(Reader(self, self._inbox))

    def _looks_at_data(self) -> bool:
        """Whether a subclass wants to see what arrives."""
        return type(self).data_received is not Link.data_received

    # What the inbox asks for

    def _wait_for_message(self) -> object | None:
        connection = self._require_handshake()
        if connection.pending:
            self._pump(to_message=True)
            if self._inbox:
                return None
        if connection.phase is Phase.CLOSED and not connection.pending:
            raise self._closed_exception()
        if self._inbox.stopped and not connection.pending and not self._pump_scheduled:
            self._resume_reading()
        blocker = self._waiter.start()  # first: what flushes may wake it
        self._outbox.flush()
        return blocker

    def _receive_slowly(self, data: bytes) -> None:
        connection, inbox = self._require_handshake(), self._inbox
        if len(data) >= LARGE_READ:
            self._note_large_read(len(data))
        if self._debug:
            connection.receive_data(data)
        else:
            connection.receive_into(inbox, data)
            self._note_work()
        del data  # the task that goes on may be done with the message before this is
        if inbox:
            self._waiter.wake()
        self._pump()

    def _note_large_read(self, size: int) -> None:
        if self._inbox.buffer is None:
            self._divert_large_reads()
        self._spend(size // BYTES_PER_EVENT)

    def _note_work(self) -> None:
        work, self._inbox.work = self._inbox.work, 0
        self._spend(work)

    def _spend(self, work: int) -> None:
        self._work.add(work)
        if self._work.is_enough():  # the rest makes reading go on, whoever waits for a message
            self._pause_reading()
            self._schedule_rest()

    # Closing

    def _end(self, connection: Connection) -> None:
        """Act on the end of TCP; messages that arrived before it can still be received."""
        connection.receive_eof()
        self._turn.end()
        self._stop_keepalive()
        self._pump()
        if self._debug:
            self.logger.debug("connection closed: %s", self._closed_exception())
        self._pongs.fail(self._closed_exception)
        self._waiter.wake()

    def _when_lost(self) -> asyncio.Future[None]:
        """Give a future that is done once TCP has ended: one of its own to each who waits."""
        future = self.loop.create_future()
        if self._lost:
            future.set_result(None)
            return future
        if self._awaiting_end is None:
            self._awaiting_end = set()
        self._awaiting_end.add(future)
        future.add_done_callback(self._awaiting_end.discard)
        return future

    # Inside

    def _begin_closing(self, code: int, reason: str) -> None:
        connection = self._require_handshake()
        if connection.phase is not Phase.OPEN:
            return
        self._outbox.write(connection.send_close(code, reason))
        if self._debug:
            self.logger.debug("> CLOSE %s", connection.close_sent)
        self._stop_keepalive()
        self._closer.advance()
        self._pump()
        self._resume_reading()

    def _closed_exception(self) -> ConnectionClosed:
        return self._closer.exception(self._cause)

    def _write_data(self, data: bytes) -> None:
        # While received messages are waiting to be handled, more will follow soon.
        more = len(self._inbox) > 0 or self._require_handshake().pending
        self._outbox.write(data, more)

    def _send_ping(self, data: BytesLike | None = None) -> asyncio.Future[float]:
        payload, frame = self._require_handshake().send_ping(data)
        if self._debug:
            self.logger.debug("> PING %s", payload.hex(" "))
        pong = self._pongs.add(payload)
        self._outbox.write(frame)
        return pong

    def _start_keepalive(self) -> None:
        if self.ping_interval is not None:
            self._keepalive = Keepalive(
                self.loop,
                interval=self.ping_interval,
                timeout=self.ping_timeout,
                ping=self._send_ping,
                report=self._miss_pong,
            )

    def _miss_pong(self) -> None:
        self._cause = asyncio.TimeoutError(f"no pong within {self.ping_timeout} s")
        self.logger.info("failing the connection: no pong within %s s", self.ping_timeout)
        self.fail_connection(CloseCode.INTERNAL_ERROR, "no pong in time")
