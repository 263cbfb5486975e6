"""The core of the handshake as functions (RFC 6455 §4), taking headers of any release.

Those are ``Headers`` since 6.0, and functions that get or set one header before; a dict
and whatever else has ``get_all`` or ``items`` were taken by chance, and are used.
"""

from __future__ import annotations

from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Callable, Union

from ws_http import Headers
from ws_http import build_request as add_request_headers
from ws_http import build_response as add_response_headers
from ws_http import check_request as judge_request
from ws_http import check_response as judge_response

from .deprecation import warn_deprecated

__all__ = ["build_request", "build_response", "check_request", "check_response"]

GetHeader = Callable[[str], str]
SetHeader = Callable[[str, str], object]

#: What the functions that judge take, and those that add.
Readable = Union[Headers, Any, GetHeader]
Writable = Union[MutableMapping[str, str], SetHeader]

# What a handshake is judged by.
NAMES = (
    "Connection",
    "Sec-WebSocket-Accept",
    "Sec-WebSocket-Key",
    "Sec-WebSocket-Version",
    "Upgrade",
)


def build_request(headers: Writable) -> str:
    """Add what asks for a WebSocket to the headers of a request; return its key."""
    added = Headers()
    key = add_request_headers(added)
    add(added, headers)
    return key


def check_request(headers: Readable) -> str:
    """Judge the headers of a request; return its key. Raises InvalidHandshake."""
    return judge_request(read(headers))


def build_response(headers: Writable, key: str) -> None:
    """Add what agrees to a WebSocket to the headers of a response."""
    added = Headers()
    add_response_headers(added, key)
    add(added, headers)


def check_response(headers: Readable, key: str) -> None:
    """Judge the headers of a response. Raises InvalidHandshake."""
    judge_response(read(headers), key)


def read(headers: Readable) -> Headers:
    """Give headers as ``Headers``, whatever they are."""
    if isinstance(headers, Headers):
        return headers
    if callable(headers):
        warn_of_function("get_header")
        return Headers([(name, value) for name in NAMES for value in got(headers, name)])
    if hasattr(headers, "get_all"):
        pairs = ((name, value) for name in NAMES for value in headers.get_all(name) or ())
        return Headers(pairs)
    return Headers(headers)


def got(get_header: GetHeader, name: str) -> list[str]:
    """Give the value of a header, if it has one."""
    value = ""
    with suppress(KeyError):
        value = get_header(name)
    return [value] if value else []


def add(added: Headers, headers: Writable) -> None:
    """Add headers to what the caller wants them in."""
    if callable(headers):
        warn_of_function("set_header")
    for name, value in added.raw_items():
        if callable(headers):
            headers(name, value)
        else:
            headers[name] = value


def warn_of_function(kind: str) -> None:
    warn_deprecated(f"passing {kind}, a function,")
