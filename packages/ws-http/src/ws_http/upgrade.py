"""The core of the handshake: the headers that ask for a WebSocket, and those that agree.

Each function takes the headers of a message, and either adds to them or judges them.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Callable, TypeVar, cast

from .exceptions import InvalidHeader, InvalidHeaderValue, InvalidOrigin, InvalidUpgrade
from .fields import parse_connection, parse_upgrade
from .headers import Headers, HeadersLike
from .key import accept_key, generate_key, is_key
from .typing import Origin

__all__ = [
    "OWN_HEADERS",
    "VERSION",
    "add_extra_headers",
    "build_request",
    "build_response",
    "check_origin",
    "check_request",
    "check_response",
    "replace_headers",
    "single_value",
]

T = TypeVar("T", bound=str)

#: "The value of this header field MUST be 13."
VERSION = "13"


#: Headers that make the handshake: the caller cannot give them, in lower case.
OWN_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-version",
        "transfer-encoding",
        "upgrade",
    }
)


def build_request(headers: Headers) -> str:
    """Add what asks for a WebSocket to the headers of a request; return its key (§4.1)."""
    key = generate_key()
    headers["Upgrade"] = "websocket"
    headers["Connection"] = "Upgrade"
    headers["Sec-WebSocket-Key"] = key
    headers["Sec-WebSocket-Version"] = VERSION
    return key


def check_request(headers: Headers) -> str:
    """Judge the headers of a request (RFC 6455 §4.2.1); return its key.

    Raises InvalidUpgrade if it does not ask for a WebSocket, InvalidHeader if it
    does so in a wrong way.
    """
    _check_connection(headers)
    protocols = _list(headers, "Upgrade", parse_upgrade)
    # "An |Upgrade| header field containing the value "websocket", treated as an ASCII
    #  case-insensitive value."
    if "websocket" not in map(str.lower, protocols):
        raise InvalidUpgrade("Upgrade", _shown(headers, "Upgrade", protocols))
    # "A |Sec-WebSocket-Version| header field, with a value of 13."
    version = single_value(headers, "Sec-WebSocket-Version")
    if version != VERSION:
        raise InvalidHeaderValue("Sec-WebSocket-Version", version)
    key = single_value(headers, "Sec-WebSocket-Key")
    if not is_key(key):
        raise InvalidHeaderValue("Sec-WebSocket-Key", key)
    return key


def build_response(headers: Headers, key: str) -> None:
    """Add what agrees to a WebSocket to the headers of a response (§4.2.2)."""
    headers.extend_checked(
        (
            ("Upgrade", "websocket"),
            ("Connection", "Upgrade"),
            ("Sec-WebSocket-Accept", accept_key(key)),
        )
    )


def check_response(headers: Headers, key: str) -> None:
    """Judge the headers of a response with status 101 (RFC 6455 §4.1).

    ``key`` is that of the request. Raises InvalidUpgrade if the response does not
    agree to a WebSocket, InvalidHeader if it answers another key.
    """
    _check_connection(headers)
    protocols = _list(headers, "Upgrade", parse_upgrade)
    # "the |Upgrade| header field contains a value that is not an ASCII case-insensitive
    #  match for the value "websocket""
    if [protocol.lower() for protocol in protocols] != ["websocket"]:
        raise InvalidUpgrade("Upgrade", _shown(headers, "Upgrade", protocols))
    accept = single_value(headers, "Sec-WebSocket-Accept")
    if accept != accept_key(key):
        raise InvalidHeaderValue("Sec-WebSocket-Accept", accept)


def check_origin(
    headers: Headers, origins: Collection[Origin | None] | None = None
) -> Origin | None:
    """Return the origin of a request, None where it has none (RFC 6455 §4.2.2 and §10.2).

    Raises InvalidOrigin if it is not among ``origins``; None among them accepts a
    request without an origin, and None in their place accepts any. Raises
    InvalidHeader if there are several.
    """
    # In a str, any part of it would be among them.
    if isinstance(origins, str):
        raise TypeError("origins must be a list, not a string")
    origin = None
    if "Origin" in headers:
        origin = cast("Origin", single_value(headers, "Origin"))
    if origins is not None and origin not in origins:
        raise InvalidOrigin(origin)
    return origin


def replace_headers(headers: Headers, replacement: Headers) -> Headers:
    """Return ``headers`` with those of ``replacement``, which take the place of their namesakes."""
    merged = Headers([item for item in headers.raw_items() if item[0] not in replacement])
    merged.update(replacement)
    return merged


def add_extra_headers(headers: Headers, extra: HeadersLike | None) -> Headers:
    """Return ``headers`` with those of the caller, which take the place of their namesakes.

    Raises ValueError for a name of :data:`OWN_HEADERS`.
    """
    if extra is None:
        return headers
    extra = Headers(extra)
    for name in extra:
        if name in OWN_HEADERS:
            raise ValueError(f"the {name} header is the handshake's own")
    return replace_headers(headers, extra)


def single_value(headers: Headers, name: str) -> str:
    """Return the value of a header that must be there once; raise InvalidHeader if it is not."""
    values = headers.get_all(name)
    if len(values) == 1:
        return values[0]
    raise InvalidHeader(name, f"{len(values)} of them" if values else None)


def _check_connection(headers: Headers) -> None:
    # "A |Connection| header field that includes the token "Upgrade", treated as an ASCII
    #  case-insensitive value."
    options = _list(headers, "Connection", parse_connection)
    if "upgrade" not in map(str.lower, options):
        raise InvalidUpgrade("Connection", _shown(headers, "Connection", options))


def _list(headers: Headers, name: str, parse: Callable[[str], list[T]]) -> list[T]:
    # Joined before it is parsed, so that the limit of a list is for all of it.
    value = ", ".join(headers.get_all(name))
    # "a recipient MUST accept lists that satisfy the following syntax: #element => [ element ]
    #  *( OWS "," OWS [ element ] )" (RFC 9110 §5.6.1.2): there may be nothing in one.
    return parse(value) if value.strip("\t ,") else []


def _shown(headers: Headers, name: str, items: list[T]) -> str | None:
    return ", ".join(items) if name in headers else None
