"""The server's side of a connection (RFC 6455 §4.2)."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import math
import time
import types
from collections.abc import Awaitable, Collection, Generator, Sequence
from http import HTTPStatus
from typing import Any, Callable, Optional, Protocol, Tuple, Union  # noqa: UP035

from ws_frames import CloseCode, Role, Stepper, Waiter
from ws_http import (
    AbortHandshake,
    Headers,
    HeadersLike,
    InvalidHandshake,
    InvalidHeader,
    MultipleValuesError,
    Origin,
    Request,
    SelectSubprotocol,
    ServerExtensionFactory,
    ServerHandshake,
    Subprotocol,
    select_subprotocol,
)

from .deadline import Deadline
from .handlers import Handler2, is_cancelled, tells_of_the_end
from .logs import log_request, log_response
from .protocol import WebSocketCommonProtocol
from .version import SERVER

__all__ = [
    "DEFAULT_OPEN_TIMEOUT",
    "ExtraHeadersOption",
    "HTTPResponse",
    "ProcessRequest",
    "Registry",
    "WebSocketServerProtocol",
]

#: Seconds.
DEFAULT_OPEN_TIMEOUT = 10

#: Status, headers and body.
HTTPResponse = Tuple[Any, HeadersLike, bytes]  # noqa: UP006

ProcessRequest = Callable[
    [str, Headers], Union[Awaitable[Optional[HTTPResponse]], Optional[HTTPResponse]]
]

ExtraHeadersOption = Union[HeadersLike, Callable[[str, Headers], Optional[HeadersLike]]]


class Registry(Protocol):
    """What a connection asks of the server that it belongs to."""

    def register(self, protocol: WebSocketServerProtocol) -> None: ...

    def unregister(self, protocol: WebSocketServerProtocol) -> None: ...


class WebSocketServerProtocol(WebSocketCommonProtocol):
    """The server's side of a connection.

    Takes the handler, the server that the connection belongs to, the arguments of
    :class:`WebSocketCommonProtocol`, and the ``origins``, ``extensions``,
    ``subprotocols``, ``extra_headers``, ``process_request``, ``select_subprotocol`` and
    ``open_timeout`` of :func:`serve`.
    """

    __slots__ = (
        "_answered",
        "_awaited",
        "_handshake",
        "_heard",
        "_open_timeout",
        "_process_request",
        "_processing",
        "_select_subprotocol",
        "_unavailable",
        "available_extensions",
        "available_subprotocols",
        "extra_headers",
        "handler_task",
        "origins",
        "ws_handler",
        "ws_server",
    )

    is_client = False
    side = "server"
    _role = Role.SERVER

    _accepted_at: float | None = None

    #: Whether the client has ended its side of TCP behind its request.
    _half_closed = False

    def __init__(
        self,
        ws_handler: Handler2[Any],
        ws_server: Registry,
        *,
        origins: Collection[Origin | None] | None = None,
        extensions: Sequence[ServerExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: ExtraHeadersOption | None = None,
        process_request: ProcessRequest | None = None,
        select_subprotocol: SelectSubprotocol | None = None,
        open_timeout: float | None = DEFAULT_OPEN_TIMEOUT,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.ws_handler = ws_handler
        self.ws_server = ws_server
        self.origins = origins
        self.available_extensions = extensions
        self.available_subprotocols = subprotocols
        self.extra_headers = extra_headers
        self._open_timeout = open_timeout
        self._process_request = process_request
        self._select_subprotocol = select_subprotocol
        self._unavailable = ""  # why, once no connection is to be made
        self._processing = False
        self._heard = False  # whether anything of a request has arrived
        self._answered = False

    # What is used here has names of its own: programs may have these for what is theirs.

    @property
    def accepted_at(self) -> float | None:
        """When TCP was accepted, in the time of the event loop; None where there is no TLS."""
        return self._accepted_at

    @property
    def open_timeout(self) -> float | None:
        """Seconds that the opening handshake may take."""
        return self._open_timeout

    @open_timeout.setter
    def open_timeout(self, seconds: float | None) -> None:
        self._open_timeout = seconds

    def shut_down(self, code: int, reason: str, why: str = "the server is shutting down") -> None:
        """Close the connection because its server closes; doesn't wait for it.

        Where it isn't open yet, ``why`` is what the answer to the request says.
        """
        self._shut_down(code, reason, why)

    async def process_request(self, path: str, request_headers: Headers) -> HTTPResponse | None:
        """Look at the request before it is judged; the ``process_request`` argument by default.

        Returns None to go on, or status, headers and body to answer with instead. A
        request that isn't for a WebSocket arrives here too, such as a health check.
        """
        if self._process_request is None:
            return None
        response = self._process_request(path, request_headers)
        return await response if inspect.isawaitable(response) else response

    def select_subprotocol(
        self, client_subprotocols: Sequence[Subprotocol], server_subprotocols: Sequence[Subprotocol]
    ) -> Subprotocol | None:
        """Choose a subprotocol; the one that both sides like best by default."""
        choose = self._select_subprotocol or select_subprotocol
        return choose(client_subprotocols, server_subprotocols)

    # Life

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._handshake = self._make_handshake()
        # What the handler waits for until there is a request; that for messages may have
        # another task by then, which goes without a handshake.
        self._awaited: Waiter | None = Waiter(self.loop, asyncio.current_task)
        self.handler_task = self.loop.create_task(self.handler())
        self.handler_task.add_done_callback(self._never_begun)
        self.ws_server.register(self)

    def eof_received(self) -> bool | None:
        super().eof_received()
        if self._answered or self._handshake.request is None:
            return None
        # The client can read the response still, but TLS can't end one side alone.
        self._half_closed = self.transport.can_write_eof()
        return self._half_closed

    def connection_lost(self, exc: Exception | None) -> None:
        if self.handler_task.done():  # else it is left to the task, which may end in this call
            self.ws_server.unregister(self)
        super().connection_lost(exc)

    async def handler(self) -> None:
        """Serve the connection from the request to the end of TCP."""
        try:
            if await self._open():
                # Here, since each coroutine in between takes its part of each step.
                try:
                    await self._start_handling()
                except (Exception, asyncio.CancelledError) as exc:
                    if is_cancelled(exc):
                        raise
                    self._note_failure(exc)
                await self.close()
            await self.wait_closed()
        except asyncio.CancelledError:
            # Nobody will wait for a closing handshake: the event loop may be about to end, in a
            # few turns. A peer that doesn't read takes longer, and the end of TLS asks for it.
            slow = self._outbox.paused or not self.transport.can_write_eof()
            self.fail_connection(CloseCode.GOING_AWAY)
            self._disconnector.close()
            if slow:
                self.loop.call_soon(self.transport.abort)
            raise
        except BaseException:  # which ends the event loop, or is left to whoever waits for the task
            if not self.loop.is_closed():
                self.fail_connection(CloseCode.INTERNAL_ERROR)
            raise
        finally:
            if self._lost:
                self.ws_server.unregister(self)

    def _never_begun(self, task: asyncio.Task[None]) -> None:
        """Act on a task that was cancelled before its first step: it came to nothing above."""
        if self._lost:
            self.ws_server.unregister(self)
        else:
            self.transport.abort()

    def _shut_down(self, code: int, reason: str, why: str = "the server is shutting down") -> None:
        if self._ws_connection is not None:
            self._begin_closing(code, reason)
            return
        self._unavailable = why
        if self._processing:
            if asyncio.current_task(self.loop) is not self.handler_task:
                self.handler_task.cancel()
        elif not self._answered:
            self._note_request()

    def _start_handling(self) -> Awaitable[Any]:
        handling = self.ws_handler(self, self.path)
        if not inspect.isawaitable(handling):
            raise TypeError("the handler is no coroutine function; define it with async def")
        if not isinstance(handling, types.CoroutineType):
            return handling
        # Without it, each message would take a step of the task, down through handler().
        task = asyncio.current_task(self.loop)
        return Stepper(handling, task, asyncio.tasks._enter_task, asyncio.tasks._leave_task)

    def _note_failure(self, exc: BaseException) -> None:
        # While this connection is open, it is another one that is closed.
        if tells_of_the_end(exc) and not self.open:
            if self._debug:
                self.logger.debug("connection handler ended: %s", exc)
            return
        self.logger.error("connection handler failed", exc_info=exc)
        self.fail_connection(CloseCode.INTERNAL_ERROR)

    # Opening handshake; subclasses may change a step

    _handshake_class: type[ServerHandshake] = ServerHandshake

    def _make_handshake(self) -> ServerHandshake:
        return self._handshake_class(
            origins=self.origins,
            extensions=self.available_extensions,
            subprotocols=self.available_subprotocols,
            select_subprotocol=self.select_subprotocol,
            server_header=SERVER,
            clock=time.time,
        )

    async def _open(self) -> bool:
        """Do the opening handshake; tell whether the connection is open."""
        deadline = Deadline(
            self._open_timeout, "opening handshake", since=self._accepted_at, shared=True
        )
        try:
            with deadline:
                await self._wait_for_request()
                await self._judge()
        except asyncio.CancelledError as exc:
            if self._unavailable:
                self._refuse(unavailable(self._unavailable), reason=self._unavailable)
            elif is_cancelled(exc):
                raise
            else:
                self._note_handshake_failure(exc)
        except InvalidHandshake as exc:
            self._refuse(exc, reason=self._unavailable)
        except MultipleValuesError as exc:  # the application has looked for one of a request's
            name = str(next(iter(exc.args), ""))
            self._refuse(InvalidHeader(name, "several of them"))
        except Exception as exc:  # noqa: BLE001 - whatever an application raises
            if deadline.expired and isinstance(exc, asyncio.TimeoutError):
                refusal = AbortHandshake(HTTPStatus.REQUEST_TIMEOUT, (), b"timeout\n")
                self._refuse(refusal, reason=str(exc))
            else:
                self._note_handshake_failure(exc)
        finally:
            # They refer to this object, and aren't needed any more.
            del self._handshake
            self.handler_task.remove_done_callback(self._never_begun)
            self._answered = True
        return self._ws_connection is not None

    def _note_handshake_failure(self, exc: BaseException) -> None:
        self.logger.error("opening handshake failed", exc_info=exc)
        self._refuse(exc)

    async def _judge(self) -> None:
        """Answer the request, or raise why not."""
        request = self._take_request()
        response = await self._ask(request.target, request.headers)
        if self._unavailable:
            raise unavailable(self._unavailable)
        if response is not None:
            raise AbortHandshake(*response)
        self._accept(self._make_extra_headers())

    def _take_request(self) -> Request:
        """Give the request, or raise what is wrong with it."""
        handshake = self._handshake
        if self._unavailable:
            raise unavailable(self._unavailable)
        if handshake.error is not None:
            handshake.accept()  # raises it
        assert handshake.request is not None
        self.path = handshake.request.target
        self.request_headers = handshake.request.headers
        if self._debug:
            log_request(self.logger, "<", handshake.request)
        return handshake.request

    async def _ask(self, path: str, request_headers: Headers) -> HTTPResponse | None:
        """Ask the application; it is interrupted if the server closes."""
        self._processing = True
        try:
            process: ProcessRequest = self.process_request  # that of a subclass may be plain
            response = process(path, request_headers)
            return await response if inspect.isawaitable(response) else response
        finally:
            self._processing = False

    def _accept(self, extra_headers: HeadersLike | None) -> None:
        data = self._handshake.accept(extra_headers=extra_headers)
        if self._lost:
            return
        if self._half_closed:  # it is of no use as a connection, and most often has gone
            self._disconnector.close()
            return
        self._write_response(data)
        self._handshake_done(self._handshake.opening)

    def _write_response(self, data: bytes) -> None:
        """Write the response of the handshake, which is ``data``."""
        if self._debug and self._handshake.response is not None:
            log_response(self.logger, ">", self._handshake.response)
        self.transport.write(data)

    def _make_extra_headers(self) -> HeadersLike | None:
        if callable(self.extra_headers):
            return self.extra_headers(self.path, self.request_headers)
        return self.extra_headers

    def _refuse(self, exc: BaseException, *, reason: str = "") -> None:
        if self._lost:
            return
        try:
            data = self._handshake.refuse(exc)
        except Exception as error:  # it has a status that there isn't, say
            self.logger.exception("opening handshake failed")
            data = self._handshake.refuse(error)
        response = self._handshake.response
        assert response is not None
        self.logger.info(
            "no connection: %s; answered HTTP %d",
            reason or text_of(exc),
            response.status,
        )
        self._write_response(data)
        if self._half_closed:
            self._disconnector.close()
            return
        # Who has sent nothing yet may send nothing ever; if the request is on its way, it
        # is here soon.
        self._disconnector.linger(at_most=math.inf if self._heard else 1)

    def _receive_handshake(self, data: bytes) -> None:
        self._heard = True
        if self._answered:
            return
        # A client has to wait for the response; what one sends before waits in the kernel.
        if self._awaited is None and self._handshake.response is None:
            self._pause_reading()
        self._handshake.receive_data(data)
        self._note_request()

    def _receive_handshake_eof(self) -> None:
        if not self._answered:
            self._handshake.receive_eof()
            self._note_request()

    def _note_request(self) -> None:
        waiter = self._awaited
        if waiter is not None and (self._handshake.done or self._unavailable):
            self._awaited = None
            waiter.wake()

    async def _wait_for_request(self) -> None:
        while self._awaited is not None:
            await suspend(self._awaited.start())


def text_of(exc: BaseException) -> str:
    """Give the text of an exception, or else its name: that of an application may have none."""
    text = ""
    with contextlib.suppress(Exception):
        text = str(exc)
    return text or type(exc).__name__


@types.coroutine
def suspend(blocker: object) -> Generator[object, None, None]:
    """Hand something to the event loop that runs this coroutine."""
    yield blocker


def unavailable(why: str) -> AbortHandshake:
    body = f"{why[0].upper()}{why[1:]}.\n".encode()
    return AbortHandshake(HTTPStatus.SERVICE_UNAVAILABLE, (), body)
