"""What can go wrong before the connection is open.

What a peer does wrong is an :exc:`InvalidHandshake`. What the caller does wrong is
a ValueError or a TypeError, and an :exc:`InvalidURI` for a URI.

The texts are fit for a log: control characters are escaped, and credentials are
not shown.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ws_frames import WebSocketException

from .display import SECRET_HEADERS, display, display_header, hide_credentials
from .headers import Headers

if TYPE_CHECKING:
    from .headers import HeadersLike

__all__ = [
    "AbortHandshake",
    "DuplicateParameter",
    "InvalidHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidMessage",
    "InvalidOrigin",
    "InvalidParameterName",
    "InvalidParameterValue",
    "InvalidStatusCode",
    "InvalidURI",
    "InvalidUpgrade",
    "NegotiationError",
    "RedirectHandshake",
    "SecurityError",
    "TargetTooLong",
    "UnsupportedMethod",
]


class InvalidHandshake(WebSocketException):
    """The opening handshake failed (RFC 6455 §4)."""


class SecurityError(InvalidHandshake):
    """The handshake breaks a rule that keeps us safe, such as a limit on sizes."""


class TargetTooLong(SecurityError):
    """The request line is longer than a line may be: HTTP status 414 (RFC 7231 §6.5.12)."""


class InvalidMessage(InvalidHandshake):
    """A request or a response is not well-formed HTTP (RFC 7230 §3)."""


class UnsupportedMethod(InvalidMessage):
    """The method of a request is not GET: HTTP status 405 (RFC 6455 §4.2.1)."""

    def __init__(self, method: str) -> None:
        super().__init__(method)
        self.method = method

    def __str__(self) -> str:
        return f"unsupported method: {display(self.method)}"


class InvalidHeader(InvalidHandshake):
    """A header is missing (``value`` is None), is empty, or has no acceptable value."""

    def __init__(self, name: str, value: str | None = None) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        name = display(self.name)
        if self.value is None:
            return f"missing {name} header"
        if self.value == "":
            return f"empty {name} header"
        if self.name.lower() in SECRET_HEADERS:
            return f"invalid {name} header"
        return f"invalid {name} header: {display(self.value)}"


class InvalidHeaderFormat(InvalidHeader):
    """A header cannot be parsed: ``error`` says what is wrong at ``pos`` in ``header``."""

    def __init__(self, name: str, error: str, header: str, pos: int) -> None:
        super().__init__(name, f"{error} at {pos} in {header}")
        self.args = (name, error, header, pos)
        self._shown = f"{error} at {pos} in {display_header(name, header)}"

    def __str__(self) -> str:
        return f"invalid {display(self.name)} header: {self._shown}"


class InvalidHeaderValue(InvalidHeader):
    """A header can be parsed, and means something that is not acceptable."""


class InvalidOrigin(InvalidHeader):
    """The origin of a request is not one that the server accepts (RFC 6455 §10.2)."""

    def __init__(self, origin: str | None) -> None:
        super().__init__("Origin", origin)
        self.args = (origin,)


class InvalidUpgrade(InvalidHeader):
    """The ``Connection`` or the ``Upgrade`` header does not ask for a WebSocket."""


class InvalidStatusCode(InvalidHandshake):
    """The server refused: it answered with another status than 101 (RFC 6455 §4.1).

    ``headers`` and ``body`` are those of its answer; a long body is cut.
    """

    def __init__(
        self, status_code: int, headers: HeadersLike | None = None, body: bytes = b""
    ) -> None:
        super().__init__(status_code, headers, body)
        self.status_code = status_code
        self.headers = Headers() if headers is None else Headers(headers)
        self.body = body

    @property
    def code(self) -> int:
        """The same as ``status_code``."""
        return self.status_code

    def __str__(self) -> str:
        text = f"server rejected WebSocket connection: HTTP {self.status_code:d}"
        if 200 <= self.status_code < 300:  # which says that all is well
            text += "; what is there is no WebSocket, check the port and the path"
        return text


class NegotiationError(InvalidHandshake):
    """An extension or a subprotocol could not be agreed on (RFC 6455 §9.1)."""


class DuplicateParameter(NegotiationError):
    """A parameter stands twice in an extension header."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"duplicate parameter: {display(self.name)}"


class InvalidParameterName(NegotiationError):
    """The extension has no parameter of that name."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name

    def __str__(self) -> str:
        return f"invalid parameter name: {display(self.name)}"


class InvalidParameterValue(NegotiationError):
    """The extension's parameter cannot have that value; None is no value at all."""

    def __init__(self, name: str, value: str | None) -> None:
        super().__init__(name, value)
        self.name = name
        self.value = value

    def __str__(self) -> str:
        name = display(self.name)
        if self.value is None:
            return f"missing value for parameter {name}"
        if self.value == "":
            return f"empty value for parameter {name}"
        return f"invalid value for parameter {name}: {display(self.value)}"


class AbortHandshake(InvalidHandshake):
    """Raise it on the server, anywhere in the handshake, to answer with that response.

    None is an empty body.
    """

    def __init__(self, status: int, headers: HeadersLike, body: bytes | None = b"") -> None:
        super().__init__(status, headers, body)
        self.status = status
        self.headers = Headers(headers)
        self.body = b"" if body is None else body

    def __str__(self) -> str:
        count = len(list(self.headers.raw_items()))
        return f"HTTP {self.status:d}, {count} headers, {len(self.body)} bytes"


class RedirectHandshake(InvalidHandshake):
    """The server wants the client to connect to ``uri`` (RFC 6455 §4.1, RFC 7231 §6.4)."""

    def __init__(self, uri: str) -> None:
        super().__init__(uri)
        self.uri = uri

    def __str__(self) -> str:
        return f"redirect to {display(hide_credentials(self.uri))}"


class InvalidURI(WebSocketException):
    """A text is not a URI of a WebSocket (RFC 6455 §3); its userinfo is not kept.

    ``reason`` says why, in words that show nothing of the userinfo.
    """

    def __init__(self, uri: str, reason: str = "") -> None:
        self.uri = hide_credentials(uri)
        self.reason = reason
        super().__init__(*(self.uri, reason)[: 2 if reason else 1])

    def __str__(self) -> str:
        text = f"{display(self.uri)} isn't a valid URI"
        return f"{text}: {self.reason}" if self.reason else text
