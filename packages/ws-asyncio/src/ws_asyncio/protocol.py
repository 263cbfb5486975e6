"""The connection that applications hold: what client and server have in common."""

from __future__ import annotations

import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Coroutine
from typing import Any

from ws_frames import (
    BytesLike,
    CloseCode,
    Connection,
    Data,
    Payload,
    Phase,
    PreparedMessage,
)

from .coroutines import coroutine_function
from .fragments import Message, iterate
from .link import Link
from .logs import show_event

__all__ = ["WebSocketCommonProtocol"]

# Looked up once: that takes as long as what is done with it.
OPEN = Phase.OPEN


class WebSocketCommonProtocol(Link):
    """One WebSocket connection.

    Args:
        ping_interval: seconds between keepalive pings; None sends none.
        ping_timeout: seconds that a pong may take before the connection is failed
            with 1011; None waits for ever. A pong is behind the messages that came
            before it: it is late too when nobody receives these, and the queue is full.
        close_timeout: seconds for each stage of closing, after which TCP is aborted;
            None waits for ever.
        max_size: longest message accepted, in bytes after decompression; None: any.
        max_queue: messages received and not yet read, at which reading from the
            network stops (also above half of max_size bytes of them); None: no limit.
        read_limit: most bytes read from TCP at once; from 64 KiB on, up to four times as
            many, but not over 1 MiB, once there was a read of 64 KiB. Until then it is
            without effect with other transports than asyncio's own, and in TLS always.
        write_limit: bytes in the write buffer from which on ``send()`` waits.
        logger: logger to use instead of ``websockets.client`` or ``websockets.server``.
    """

    # Applications keep what they like in a connection.
    __slots__ = ("__dict__", "__weakref__")

    # Attributes

    @property
    def latency(self) -> float:
        """Seconds between the last answered ping, keepalive or not, and its pong; 0 before."""
        return self._pongs.latency if self._ws_connection is not None else 0.0

    @property
    def backlog(self) -> int:
        """Bytes that wait for the peer to read, above ``write_limit``, or for a message to end."""
        if self._ws_connection is None:
            return 0
        return self._outbox.backlog + self._turn.backlog

    # Receiving

    @coroutine_function
    def recv(self) -> Coroutine[Any, Any, Data]:
        """Wait for the next message: str for text, bytes for binary (RFC 6455 §6.2).

        Raises ConnectionClosedOK after a close with 1000 or 1001 and
        ConnectionClosedError after any other end, once all messages that arrived
        before have been received; RuntimeError while another call is waiting.

        Cancelling it loses no message.
        """
        if self._ws_connection is None:
            self._require_handshake()
        return self._inbox.recv(self)

    def __aiter__(self) -> AsyncIterator[Data]:
        """Go through the messages until the connection is closed.

        Ends on 1000 and 1001, raises ConnectionClosedError otherwise.
        """
        if self._ws_connection is None:
            self._require_handshake()
        return self._inbox.messages(self)

    # Sending

    # Python looks up the default of an argument that is keyword-only in a dict, for each call.
    @coroutine_function
    def send(self, message: Message, compress: bool = True) -> Coroutine[Any, Any, None]:
        """Send a message: text for str, binary for bytes-like (RFC 6455 §6.1).

        An iterable or asynchronous iterable of these makes one fragmented message;
        all must be of one kind, and other messages wait until it is complete. If it
        can't be completed the connection is failed with 1011. Unless ``compress``, the
        message isn't compressed, whatever was agreed on.

        Waits only while more than ``write_limit`` bytes wait to be written. Raises
        ConnectionClosed when the connection is closing or closed, TypeError for
        anything else than the above.
        """
        if self._ws_connection is None:
            self._require_handshake()
        return self._outbox.send(self, message, compress)

    def push(self, message: PreparedMessage, *, max_backlog: int | None = None) -> bool:
        """Send a message that other connections send too, without waiting.

        It is queued where it can't be written at once. Returns False, and sends nothing,
        where :attr:`backlog` is over ``max_backlog`` already; None is no limit. Nothing
        happens unless the connection is open.
        """
        connection = self._ws_connection
        if connection is None or connection.phase is not OPEN:
            return True
        outbox = self._outbox
        if outbox.paused or outbox.held:
            if max_backlog is not None and self.backlog > max_backlog:
                return False
            if outbox.held:
                action = functools.partial(self.push, message)
                self._turn.call_at_end(action, len(message.payload))
                return True
        if self._debug:
            self.logger.debug("> %s", show_event(message.payload))
        data = connection.send_prepared(message)
        outbox.write(data, len(self._inbox) > 0 or connection.pending)
        return True

    async def ping(self, data: Payload | None = None) -> Awaitable[float]:
        """Send a ping (RFC 6455 §5.5.2); random data if none is given.

        Returns a future that completes with the seconds it took when the pong, or
        the pong to a later ping, arrives; it raises ConnectionClosed when the
        connection ends before. Cancelling the future is harmless.

        Raises ConnectionClosed when the connection is closing or closed, ValueError
        when the same data waits for its pong already or is longer than 125 bytes.
        """
        await self._require_open()
        pong = self._send_ping(None if data is None else encode(data))
        await self._drain()
        return pong

    async def pong(self, data: Payload = b"") -> None:
        """Send a pong that no ping asked for (RFC 6455 §5.5.3).

        Raises ConnectionClosed when the connection is closing or closed, ValueError
        over 125 bytes.
        """
        connection = await self._require_open()
        self._outbox.write(connection.send_pong(encode(data)))
        await self._drain()

    # Closing

    async def close(self, code: int = CloseCode.NORMAL_CLOSURE, reason: str = "") -> None:
        """Close the connection, and wait until it is closed (RFC 6455 §7.1.2).

        Safe to call again. It waits at most ``close_timeout`` seconds for the peer's
        close frame, and again for the end of TCP; closing goes on if it is cancelled.

        Raises ProtocolError for a code that can't be sent or a reason over 123 bytes.
        """
        self._require_handshake()
        self._begin_closing(code, reason)
        await self.wait_closed()

    async def wait_closed(self) -> None:
        """Wait until the connection is closed, without closing it; cancelling is harmless."""
        if not self._lost:
            await self._when_lost()

    # Inside

    # What the outbox asks for

    async def _send_slowly(self, message: Message, compress: bool) -> None:
        connection = await self._wait_for_turn()
        if self._debug:
            self.logger.debug("> %s", show_event(message))
        if isinstance(message, (str, bytes, bytearray, memoryview)):
            self._write_data(connection.send_message(message, compress=compress))
        else:
            await self._send_fragments(iterate(message), compress)
        await self._drain()

    async def _wait_for_turn(self) -> Connection:
        """Return when a message may be sent; raise ConnectionClosed if none may."""
        connection = await self._require_open()
        while self._turn.taken:
            await self._turn.wait()
            connection = await self._require_open()
        return connection

    async def _require_open(self) -> Connection:
        connection = self._require_handshake()
        if connection.phase is not OPEN:
            # Wait for the code and the reason; closing has its time limits.
            await self.wait_closed()
            raise self._closed_exception()
        return connection

    async def _drain(self) -> None:
        await self._writer.drain()
        if self._lost:
            raise self._closed_exception()

    async def _send_fragments(
        self, fragments: AsyncGenerator[Payload, None], compress: bool
    ) -> None:
        # The fragments themselves may be of no more use once they are sent.
        empty: Payload | None = None
        with self._turn:
            try:
                async for fragment in fragments:
                    connection = await self._require_open()
                    self._write_data(
                        connection.send_fragment(fragment, fin=False, compress=compress)
                    )
                    empty = "" if isinstance(fragment, str) else b""
                    await self._drain()
                if empty is not None:
                    connection = await self._require_open()
                    self._write_data(connection.send_fragment(empty, fin=True))
            except BaseException:
                if empty is not None and self.open:
                    self.fail_connection(
                        CloseCode.INTERNAL_ERROR, "fragmented message not completed"
                    )
                raise
            finally:
                await fragments.aclose()  # else the event loop would, in a task


def encode(data: Payload) -> BytesLike:
    """Give the data of a ping or a pong, which may be given as text."""
    return data.encode() if isinstance(data, str) else data
