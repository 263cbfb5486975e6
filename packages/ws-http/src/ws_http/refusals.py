"""Responses that refuse a handshake (RFC 6455 §4.2.2, RFC 7231 §6.5 and §6.6)."""

from __future__ import annotations

from http import HTTPStatus

from ws_frames import BytesLike

from .exceptions import (
    AbortHandshake,
    InvalidHandshake,
    InvalidHeader,
    InvalidOrigin,
    InvalidUpgrade,
    SecurityError,
    TargetTooLong,
    UnsupportedMethod,
)
from .fields import parse_connection
from .headers import Headers, HeadersLike
from .messages import Response
from .upgrade import VERSION

__all__ = ["STATUSES", "build_refusal", "refusal_of"]

#: The status of each exception; the first class that fits decides.
STATUSES: tuple[tuple[type[BaseException], HTTPStatus], ...] = (
    (InvalidUpgrade, HTTPStatus.UPGRADE_REQUIRED),
    (InvalidOrigin, HTTPStatus.FORBIDDEN),
    (UnsupportedMethod, HTTPStatus.METHOD_NOT_ALLOWED),
    (TargetTooLong, HTTPStatus.REQUEST_URI_TOO_LONG),
    (SecurityError, HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE),
    (InvalidHandshake, HTTPStatus.BAD_REQUEST),
    (BaseException, HTTPStatus.INTERNAL_SERVER_ERROR),
)


def refusal_of(exc: BaseException) -> AbortHandshake:
    """Return the response that answers a handshake which failed with ``exc``.

    An AbortHandshake is its own answer. What is no InvalidHandshake is an error of
    the server, and the response says nothing of it.
    """
    if isinstance(exc, AbortHandshake):
        return exc
    status = next(status for cls, status in STATUSES if isinstance(exc, cls))
    return AbortHandshake(status, _headers(exc), _text(exc, status).encode())


def _headers(exc: BaseException) -> Headers:
    headers = Headers()
    if isinstance(exc, InvalidUpgrade):
        # "The server MUST send an Upgrade header field in a 426 response" (RFC 7231
        # §6.5.15), and whoever sends that, "Connection: Upgrade" (RFC 7230 §6.7).
        headers["Upgrade"] = "websocket"
        headers["Connection"] = "Upgrade"
    elif isinstance(exc, UnsupportedMethod):
        headers["Allow"] = "GET, HEAD" if exc.method != "HEAD" else "GET"
    elif isinstance(exc, InvalidHeader) and exc.name == "Sec-WebSocket-Version":
        # "a |Sec-WebSocket-Version| header field indicating the version(s) the server is
        #  capable of understanding"
        headers["Sec-WebSocket-Version"] = VERSION
    return headers


def _text(exc: BaseException, status: HTTPStatus) -> str:
    if status == HTTPStatus.INTERNAL_SERVER_ERROR:
        return "The server could not open a WebSocket connection. Its log may say why.\n"
    text = f"The server did not open a WebSocket connection: {exc}.\n"
    if status == HTTPStatus.UPGRADE_REQUIRED:
        text += "This address is for WebSocket clients; a browser cannot show it as a page.\n"
    return text


def build_refusal(
    status: int,
    headers: HeadersLike | None = None,
    body: BytesLike | None = None,
    *,
    head: bool = False,
) -> Response:
    """Return a response that ends the connection.

    ``body`` is the name of the status by default. The length of the body, its type
    unless ``headers`` have one, and ``Connection: close`` are added. With ``head``, it
    answers a HEAD request: with the same headers and no body.

    Raises ValueError for a status that is not from 200 to 599, for a transfer encoding,
    and for a body where the status allows none; TypeError for a body that is no bytes.
    """
    if not 200 <= status <= 599:
        raise ValueError(f"status {status:d} is not from 200 to 599")
    phrase = _phrase(status)
    headers = Headers() if headers is None else Headers(headers)
    if "Transfer-Encoding" in headers:
        raise ValueError("Transfer-Encoding header in a response with a body in one piece")
    _close(headers)
    if "Content-Length" in headers:
        del headers["Content-Length"]
    # RFC 7230 §3.3.2 and §3.3.3; and "a server MUST NOT generate content in a 205 response"
    # (RFC 9110 §15.3.6).
    if status in (204, 205, 304):
        if body:
            raise ValueError(f"body in a response with status {status:d}")
        # Unlike the others, that one is not known to end with its headers.
        if status == 205:
            headers["Content-Length"] = "0"
        return Response(int(status), phrase, headers)
    if body is None:
        body = f"{status:d} {phrase}\n".encode()
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise TypeError(f"body must be bytes, not {type(body).__name__}")
    headers["Content-Length"] = str(memoryview(body).nbytes)
    if "Content-Type" not in headers:
        headers["Content-Type"] = "text/plain; charset=utf-8"
    return Response(int(status), phrase, headers, b"" if head else bytes(body))


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _close(headers: Headers) -> None:
    # "A server that does not support persistent connections MUST send the "close"
    #  connection option in every response message" (RFC 7230 §6.1)
    values = headers.get_all("Connection")
    try:
        options = parse_connection(", ".join(values)) if values else []
    except InvalidHandshake as exc:
        raise ValueError(f"response with an {exc}") from None
    if values:
        del headers["Connection"]
    kept = [option for option in options if option.lower() not in ("close", "keep-alive")]
    headers["Connection"] = ", ".join([*kept, "close"])
