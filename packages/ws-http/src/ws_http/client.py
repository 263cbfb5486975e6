"""The client's side of the opening handshake (RFC 6455 §4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from itertools import chain

from ws_frames import BytesLike, Extension, InvalidState

from .bodies import Body, body_of
from .credentials import build_basic_auth
from .exceptions import InvalidHandshake, InvalidMessage, InvalidStatusCode, RedirectHandshake
from .extensions import ClientExtensionFactory
from .fields import build_host, build_subprotocol, is_host, parse_subprotocol
from .headers import Headers, HeadersLike
from .limits import DEFAULT_LIMITS, Limits
from .messages import Request, Response
from .negotiation import confirm_extensions, confirm_subprotocol, offer_extensions
from .opening import Opening
from .parser import ResponseParser
from .redirects import REDIRECTS, redirect_uri
from .typing import Origin, Subprotocol
from .upgrade import add_extra_headers, build_request, check_response
from .uri import WebSocketURI

__all__ = ["ClientHandshake"]


class ClientHandshake:
    """Makes the request, and judges the response.

    Send what :meth:`send_request` returns, and feed what arrives to
    :meth:`receive_data`, and the end of the connection to :meth:`receive_eof`, until
    ``done``. Then :meth:`result` returns the opened connection or raises.

    ``origin``, ``subprotocols`` and ``extensions`` are what to send and to offer, in
    order of preference. ``extra_headers`` go with the request; they replace those of
    the same name that the handshake would send by itself, such as ``Host``,
    ``User-Agent`` and ``Authorization``. ``user_agent`` is sent if it is given.

    Whatever cannot be sent, or offered, is a ValueError or a TypeError here, before
    anything is sent. Its text shows no credentials.
    """

    def __init__(
        self,
        uri: WebSocketURI,
        *,
        origin: Origin | None = None,
        extensions: Sequence[ClientExtensionFactory] | None = None,
        subprotocols: Sequence[Subprotocol] | None = None,
        extra_headers: HeadersLike | None = None,
        user_agent: str | None = None,
        limits: Limits = DEFAULT_LIMITS,
    ) -> None:
        self.uri = uri
        self.extensions = extensions or ()
        self.limits = limits
        headers = Headers(Host=build_host(uri.host, uri.port, uri.secure))
        self.key = build_request(headers)
        if origin is not None:
            headers["Origin"] = origin
        if extensions:
            headers["Sec-WebSocket-Extensions"] = offer_extensions(extensions)
        if subprotocols:
            headers["Sec-WebSocket-Protocol"] = build_subprotocol(subprotocols)
        if uri.user_info is not None:
            headers["Authorization"] = build_basic_auth(*uri.user_info)
        if user_agent is not None:
            headers["User-Agent"] = user_agent
        headers = add_extra_headers(headers, extra_headers)
        check_host(headers)
        self.request = Request("GET", uri.resource_name, headers)
        #: The response, once it is complete.
        self.response: Response | None = None
        #: What is wrong with what arrived, once something is. To raise it, call result(),
        #: which raises a copy: a traceback would refer to this object, and make a cycle.
        self.error: InvalidHandshake | None = None
        self._parser = ResponseParser(limits, secure=uri.secure)
        self._body: Body | None = None
        self._opened = False
        self._request_bytes = self.request.serialize()

    def __repr__(self) -> str:
        status = self.response and self.response.status
        return f"<ClientHandshake done={self.done} status={status} error={self.error!r}>"

    @property
    def done(self) -> bool:
        """Whether :meth:`result` has something to tell."""
        return self.response is not None or self.error is not None

    @property
    def awaits_body(self) -> bool:
        """Whether a refusal has come, of which only the body isn't complete."""
        return self._body is not None and not self.done

    def send_request(self) -> bytes:
        """Return the request, to be sent."""
        return self._request_bytes

    def receive_data(self, data: BytesLike) -> None:
        """Take the next bytes from the connection; takes no more than it needs once done.

        What comes behind the response is kept for the opened connection. Raises
        InvalidState once :meth:`result` has given that.
        """
        if self._opened:
            raise InvalidState("the connection is open: its bytes are frames")
        if self._body is not None:
            self._receive_body(data)
            return
        if self.error is not None or (self.response is not None and self.response.status != 101):
            return
        try:
            self._parser.receive_data(data)
        except InvalidHandshake as exc:
            self.error = exc.with_traceback(None)
            return
        head = self._parser.message
        if head is not None and self.response is None:
            self._receive_head(head)

    def receive_eof(self) -> None:
        """Take the end of the connection.

        A body that it cuts off is as good as a whole one, so this is also the way to
        stop waiting for one.
        """
        if self.done:
            return
        if self._body is None:
            self.error = self._parser.eof_error()
        else:
            self._finish_body(self._body)

    def result(self) -> Opening:
        """Return the opened connection.

        Raises RedirectHandshake for a redirect, InvalidStatusCode for another status
        than 101, InvalidUpgrade, InvalidHeader and NegotiationError for a response
        that does not fit the request, and what ``error`` holds. InvalidState if it is
        not ``done``.
        """
        if self.error is not None:
            raise copy(self.error)
        if self.response is None:
            raise InvalidState("the response is not complete")
        self.check_status(self.response)
        check_response(self.response.headers, self.key)
        headers = self.response.headers
        subprotocol = self.confirm_subprotocol(headers)
        extensions = self.confirm_extensions(headers)
        trailing = bytes(self._parser.trailing)
        headers.compact()
        self.request.headers.compact()
        self._opened = True
        return Opening(
            self.request.target, self.request.headers, headers, subprotocol, extensions, trailing
        )

    # The steps of judging a response, for those who want to change one.

    def check_status(self, response: Response) -> None:
        """Raise RedirectHandshake or InvalidStatusCode for another status than 101."""
        status, headers = response.status, response.headers
        if status == 101:
            # The Upgrade header is none of HTTP/1.0 (RFC 7230 §6.7).
            if response.version < (1, 1):
                raise InvalidMessage("status 101 in HTTP/1.0")
            return
        if status in REDIRECTS and len(headers.get_all("Location")) == 1:
            raise RedirectHandshake(redirect_uri(self.uri, headers["Location"]))
        # "If the status code received from the server is not 101, the client handles the
        #  response per HTTP [RFC2616] procedures."
        raise InvalidStatusCode(status, headers, response.body)

    def confirm_extensions(self, headers: Headers) -> Sequence[Extension]:
        """Return the extensions of the response; see :func:`~ws_http.negotiation.confirm_extensions`."""
        return confirm_extensions(headers, self.extensions)

    def confirm_subprotocol(self, headers: Headers) -> Subprotocol | None:
        """Return the subprotocol of the response; see :func:`~ws_http.negotiation.confirm_subprotocol`."""
        # From the request, since extra_headers may have offered some too.
        offers = self.request.headers.get_all("Sec-WebSocket-Protocol")
        return confirm_subprotocol(
            headers, list(chain.from_iterable(parse_subprotocol(offer) for offer in offers))
        )

    # Reading

    def _receive_head(self, head: Response) -> None:
        if head.status == 101 or head.status in REDIRECTS:
            self.response = head
            return
        self._body = body_of(head, self.limits.body)
        self._receive_body(bytes(self._parser.trailing))

    def _receive_body(self, data: BytesLike) -> None:
        body = self._body
        assert body is not None
        if not body.complete:
            body.receive_data(data)
        if body.complete:
            self._finish_body(body)

    def _finish_body(self, body: Body) -> None:
        head = self._parser.message
        assert head is not None
        self.response = head._replace(body=bytes(body.content))


def check_host(headers: Headers) -> None:
    """Raise ValueError unless a request has one ``Host`` header, with a host; never shows it.

    "A server MUST respond with a 400 (Bad Request) status code" to others (RFC 7230 §5.4).
    """
    values = headers.get_all("Host")
    if len(values) != 1:
        raise ValueError(f"{len(values)} Host headers in one request")
    if not is_host(values[0]):
        raise ValueError("Host header has a character that is not allowed")
