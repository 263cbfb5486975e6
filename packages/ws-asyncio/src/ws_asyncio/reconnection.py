"""Connecting again and again: when, and after how long (RFC 6455 §7.2.3)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncGenerator, Awaitable, Coroutine, Iterator
from typing import TYPE_CHECKING, Any, Callable

from ws_frames import CloseCode
from ws_http import InvalidMessage, InvalidStatusCode

if TYPE_CHECKING:
    from .client_protocol import WebSocketClientProtocol

__all__ = ["Reconnections", "backoff_delays", "is_transient"]

logger = logging.getLogger("websockets.client")

# Upper bounds of the delays in seconds: 1, 2, 4, … 64, 64, …
FIRST_DELAY = 1.0
LAST_DELAY = 64.0

# Seconds after which a connection that the server ends was no failed attempt.
SHORT = 5.0

# What a server or a proxy in front of it answers while it restarts.
TRANSIENT_STATUSES = (500, 502, 503, 504)


class Reconnections:
    """The connections that ``async for`` over ``connect()`` gives, one after the other.

    Args:
        connecting: makes a connection each time that it is awaited.
        retry_on: tells which errors of connecting are worth another attempt.
    """

    # No asynchronous generator: where the loop is left, Python would close one in a task, and
    # complain of it if the event loop ended before.

    _protocol: WebSocketClientProtocol | None = None
    _since = 0.0

    def __init__(
        self,
        connecting: Awaitable[WebSocketClientProtocol],
        retry_on: Callable[[Exception], bool],
    ) -> None:
        self._connecting = connecting
        self._retry_on = retry_on
        self._delays = backoff_delays()

    def __aiter__(self) -> Reconnections:
        return self

    async def __anext__(self) -> WebSocketClientProtocol:
        if self._protocol is not None:
            await self._leave(self._protocol)
        while True:
            try:
                self._protocol = protocol = await self._connecting
            except Exception as exc:
                if not self._retry_on(exc):
                    raise
                await self._delay("connecting failed, next try in %.1f s: %s", exc)
            else:
                self._since = protocol.loop.time()
                return protocol

    async def aclose(self) -> None:
        """Close the connection that was given last."""
        if self._protocol is not None:
            await self._protocol.close()

    def __del__(self) -> None:
        # The loop was left. This may be the thread of the garbage collector.
        if self._protocol is not None and not self._protocol.closed:
            with contextlib.suppress(RuntimeError):  # the event loop is closed
                self._protocol.loop.call_soon_threadsafe(close_unattended, self._protocol)

    async def _leave(self, protocol: WebSocketClientProtocol) -> None:
        """Close a connection, and wait a while if it was no better than none."""
        failed = ended_by_server(protocol)
        lasted = protocol.loop.time() - self._since
        await protocol.close()
        self._protocol = None
        if failed and lasted < SHORT:
            await self._delay("next try in %.1f s: the last connection lasted %.1f s", lasted)
        else:
            self._delays = backoff_delays()

    async def _delay(self, message: str, *args: object) -> None:
        delay = next(self._delays)
        logger.info(message, delay, *args)
        await asyncio.sleep(delay)


def ended_by_server(protocol: WebSocketClientProtocol) -> bool:
    """Tell whether it was the server that closed, lost or spoiled a connection."""
    connection = protocol._ws_connection
    if connection is None or protocol.open:
        return False
    return connection.error is not None or not connection.began_closing


def close_unattended(protocol: WebSocketClientProtocol) -> None:
    """Close a connection for which nobody waits but, should it end before, the event loop."""
    protocol._begin_closing(CloseCode.NORMAL_CLOSURE, "")
    # What event loops wait for when they end is asynchronous generators that were begun.
    waiting = wait_at_the_end(protocol)
    run_to_end(waiting.__anext__())

    def forget(closed: asyncio.Future[None]) -> None:
        with contextlib.suppress(RuntimeError):  # the event loop is waiting for it already
            run_to_end(waiting.aclose())

    protocol._when_lost().add_done_callback(forget)


async def wait_at_the_end(protocol: WebSocketClientProtocol) -> AsyncGenerator[None, None]:
    try:
        yield
    finally:
        await protocol.wait_closed()


def run_to_end(coro: Coroutine[Any, Any, None]) -> None:
    """Run what has nothing to wait for, without a task."""
    with contextlib.suppress(StopIteration):
        coro.send(None)


def is_transient(exc: Exception) -> bool:
    """Tell whether connecting may succeed if it is tried again later.

    That is so for errors of the network, for a connection that ends in the middle of the
    handshake, for timeouts, and for the HTTP statuses 500, 502, 503 and 504. A certificate
    that isn't trusted, an OSError too, stays so.
    """
    import ssl  # not before it is needed: it takes longer than all else here

    if isinstance(exc, ssl.SSLCertVerificationError):
        return False
    if isinstance(exc, InvalidStatusCode):
        return exc.status_code in TRANSIENT_STATUSES
    # asyncio.TimeoutError is an OSError from Python 3.11 on only.
    return isinstance(exc, (OSError, EOFError, asyncio.TimeoutError, InvalidMessage))


def backoff_delays() -> Iterator[float]:
    """Give the delays in seconds between attempts: random, up to a bound that doubles.

    Clients that lost the same server at the same moment so spread over the time.
    """
    bound = FIRST_DELAY
    while True:
        yield random.uniform(0, bound)
        bound = min(bound * 2, LAST_DELAY)
