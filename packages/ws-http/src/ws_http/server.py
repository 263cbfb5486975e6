"""The server's side of the opening handshake (RFC 6455 §4.2)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from copy import copy
from typing import Callable

from ws_frames import BytesLike, Extension, InvalidState

from .dates import http_date
from .exceptions import (
    InvalidHandshake,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidUpgrade,
    SecurityError,
    UnsupportedMethod,
)
from .extensions import ServerExtensionFactory
from .fields import is_host, validate_subprotocols
from .headers import Headers, HeadersLike
from .limits import DEFAULT_LIMITS, Limits
from .messages import Request, Response, is_target
from .negotiation import SelectSubprotocol, choose_extensions, choose_subprotocol
from .opening import Opening
from .parser import RequestParser
from .refusals import build_refusal, refusal_of
from .typing import Origin, Subprotocol
from .upgrade import (
    add_extra_headers,
    build_response,
    check_origin,
    check_request,
    replace_headers,
    single_value,
)

__all__ = ["ServerHandshake"]


class ServerHandshake:
    """Reads the request, decides, and makes the response.

    Feed what arrives to :meth:`receive_data`, and the end of the connection to
    :meth:`receive_eof`, until ``done``: then ``request`` is there, or ``error`` says what
    is wrong. A request may be plain HTTP; :meth:`accept` raises for it, and
    :meth:`reject` answers it in any other way. Send what :meth:`accept`,
    :meth:`reject` or :meth:`refuse` returns; after the last two, close the connection.

    ``origins`` are those to accept, see :func:`~ws_http.upgrade.check_origin`.
    ``extensions`` and ``subprotocols`` are what to choose from, and
    ``select_subprotocol`` is how. ``server_header`` is the ``Server`` header of all
    responses, and ``clock`` gives the seconds since the epoch for their ``Date`` header;
    each is left out by default.
    """

    def __init__(
        self,
        *,
        origins: Collection[Origin | None] | None = None,
        extensions: Sequence[ServerExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | None = None,
        select_subprotocol: SelectSubprotocol | None = None,
        server_header: str | None = None,
        clock: Callable[[], float] | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        if subprotocols:
            validate_subprotocols(subprotocols)
        self.origins = origins
        self.extensions = extensions or ()
        self.subprotocols = subprotocols or ()
        self.select_subprotocol = select_subprotocol
        self.server_header = server_header
        self.clock = clock
        self.limits = limits
        #: The request, once its head is complete and is well-formed HTTP.
        self.request: Request | None = None
        #: What is wrong with what arrived, once something is. To raise it, call accept(),
        #: which raises a copy: a traceback would refer to this object, and make a cycle.
        self.error: InvalidHandshake | None = None
        #: The response that was made, once one is.
        self.response: Response | None = None
        self.origin: Origin | None = None
        self._opening: Opening | None = None
        self._parser = RequestParser(limits)

    def __repr__(self) -> str:
        target = self.request and self.request.target
        status = self.response and self.response.status
        return f"<ServerHandshake target={target!r} status={status} error={self.error!r}>"

    @property
    def done(self) -> bool:
        """Whether there is a request or an error."""
        return self.request is not None or self.error is not None

    def receive_data(self, data: BytesLike) -> None:
        """Take the next bytes from the connection.

        What comes behind the request is kept for the opened connection, up to a limit;
        better to stop reading until the request is answered.
        """
        if self._opening is not None:
            raise InvalidState("the connection is open: its bytes are frames")
        if self.error is not None or self.response is not None:
            return
        try:
            self._parser.receive_data(data)
            if len(self._parser.trailing) > self.limits.trailing:
                raise SecurityError(f"over {self.limits.trailing} bytes behind the request")
            if self.request is None and self._parser.message is not None:
                check_message(self._parser.message)
                self.request = self._parser.message
        except InvalidHandshake as exc:
            self.error = exc.with_traceback(None)

    def receive_eof(self) -> None:
        """Take the end of the connection: an error unless there is a request already."""
        if not self.done:
            self.error = self._parser.eof_error()

    def accept(self, *, extra_headers: HeadersLike | None = None) -> bytes:
        """Judge the request, and return the response that opens the connection.

        ``extra_headers`` go with it, and may replace ``Server`` and ``Date``.

        Raises InvalidUpgrade for a plain HTTP request, InvalidOrigin, and other kinds of
        InvalidHandshake for what the client does wrong, to be passed to
        :meth:`refuse`; and ValueError for what is wrong in the arguments.
        """
        request = self._pending_request()
        key = self.check_request(request)
        self.origin = self.check_origin(request.headers)
        extension_header, extensions = self.choose_extensions(request.headers)
        subprotocol = self.choose_subprotocol(request.headers)
        headers = self._default_headers()
        build_response(headers, key)
        if extension_header is not None:
            headers["Sec-WebSocket-Extensions"] = extension_header
        if subprotocol is not None:
            headers["Sec-WebSocket-Protocol"] = subprotocol
        headers = add_extra_headers(headers, extra_headers)
        data = self._respond(Response(101, "Switching Protocols", headers))
        trailing = bytes(self._parser.trailing)
        request.headers.compact()
        headers.compact()
        self._opening = Opening(
            request.target, request.headers, headers, subprotocol, extensions, trailing
        )
        return data

    def reject(
        self, status: int, headers: HeadersLike | None = None, body: BytesLike | None = None
    ) -> bytes:
        """Return another response, which ends the connection.

        It is for any request, also one with an error or not complete yet. See
        :func:`~ws_http.refusals.build_refusal`, also for the ValueErrors.
        """
        if self.response is not None:
            raise InvalidState("the request is answered already")
        message = self._parser.message
        head = message is not None and message.method == "HEAD"
        response = build_refusal(status, headers, body, head=head)
        headers = replace_headers(self._default_headers(), response.headers)
        return self._respond(response._replace(headers=headers))

    def refuse(self, exc: BaseException) -> bytes:
        """Return the response to a handshake that failed with ``exc``.

        See :func:`~ws_http.refusals.refusal_of`.
        """
        refusal = refusal_of(exc)
        return self.reject(refusal.status, refusal.headers, refusal.body)

    @property
    def opening(self) -> Opening:
        """The opened connection, after :meth:`accept`; InvalidState before."""
        if self._opening is None:
            raise InvalidState("the request is not accepted")
        return self._opening

    # The steps of judging a request, for those who want to change one.

    def check_request(self, request: Request) -> str:
        """Return the key of a request that asks for a WebSocket; raise what :meth:`accept` does."""
        # "A server MUST ignore an Upgrade header field that is received in an HTTP/1.0
        #  request" (RFC 7230 §6.7)
        if request.version < (1, 1):
            raise InvalidUpgrade("Upgrade", "ignored in HTTP/1.0")
        key = check_request(request.headers)
        # "The method of the request MUST be GET"
        if request.method != "GET":
            raise UnsupportedMethod(request.method)
        return key

    def check_origin(self, headers: Headers) -> Origin | None:
        """Return the origin of the request; see :func:`~ws_http.upgrade.check_origin`."""
        return check_origin(headers, self.origins)

    def choose_extensions(self, headers: Headers) -> tuple[str | None, Sequence[Extension]]:
        """Return the header that answers the offers, or None, and the extensions agreed on.

        See :func:`~ws_http.negotiation.choose_extensions`.
        """
        return choose_extensions(headers, self.extensions)

    def choose_subprotocol(self, headers: Headers) -> Subprotocol | None:
        """Return the subprotocol agreed on, or None.

        See :func:`~ws_http.negotiation.choose_subprotocol`.
        """
        return choose_subprotocol(headers, self.subprotocols, self.select_subprotocol)

    # Answering

    def _pending_request(self) -> Request:
        if self.error is not None:
            raise copy(self.error)
        if self.request is None:
            raise InvalidState("the request is not complete")
        if self.response is not None:
            raise InvalidState("the request is answered already")
        return self.request

    def _default_headers(self) -> Headers:
        items = []
        if self.clock is not None:
            items.append(("Date", http_date(self.clock())))
        if self.server_header is not None:
            items.append(("Server", self.server_header))
        return Headers.from_checked(items)  # the response is checked as a whole

    def _respond(self, response: Response) -> bytes:
        data = response.serialize()
        self.response = response
        return data


def check_message(request: Request) -> None:
    """Judge a request as HTTP, before anything is made of it.

    Raises UnsupportedMethod for a method that is neither GET nor HEAD, InvalidMessage
    and InvalidHeader for the rest: no target, no host, a body.
    """
    if request.method not in ("GET", "HEAD"):
        raise UnsupportedMethod(request.method)
    if not is_target(request.target):
        raise InvalidMessage("malformed request target")
    headers = request.headers
    # "A server MUST respond with a 400 (Bad Request) status code to any HTTP/1.1 request
    #  message that lacks a Host header field and to any request message that contains
    #  more than one Host header field or a Host header field with an invalid field-value."
    if request.version >= (1, 1) or "Host" in headers:
        host = single_value(headers, "Host")
        if not is_host(host):
            raise InvalidHeaderValue("Host", host)
    # A body, or a doubt about where it ends, could hide a second request in this one.
    if "Transfer-Encoding" in headers:
        raise InvalidMessage("request with a transfer encoding")
    if headers.get_all("Content-Length") not in ([], ["0"]):
        raise InvalidMessage("request with a body")
