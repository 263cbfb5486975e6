"""Headers that a program gives: what old releases sent of them, and today is an error."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from ws_http import OWN_HEADERS, Headers

from .deprecation import warn_deprecated

__all__ = ["modernize_extra_headers", "with_text_values"]


def modernize_extra_headers(headers: Any) -> Any:
    """Give extra headers as they may be today: each value a str, and none of the handshake's own.

    What is a function, or None, stays so.
    """
    if headers is None or callable(headers):
        return headers
    headers = with_text_values(headers)
    pairs = pairs_of(headers)
    kept = [(name, value) for name, value in pairs if str(name).lower() not in OWN_HEADERS]
    if len(kept) == len(pairs):
        return headers
    warn_deprecated("giving headers of the handshake itself")
    return kept


def with_text_values(headers: Any) -> Any:
    """Give headers of which each value is a str: the same ones if they are like that.

    Bytes stay as they are, and so an error.
    """
    if not isinstance(headers, Collection):
        headers = list(headers)  # which can be gone through once
    pairs = pairs_of(headers)
    if all(is_text(value) for _, value in pairs):
        return headers
    warn_deprecated("giving a header value that is no str")
    return [(name, value if is_text(value) else str(value)) for name, value in pairs]


def pairs_of(headers: Mapping[Any, Any] | Iterable[tuple[Any, Any]]) -> list[tuple[Any, Any]]:
    if isinstance(headers, Headers):
        return list(headers.raw_items())
    return list(headers.items() if isinstance(headers, Mapping) else headers)


def is_text(value: object) -> bool:
    return isinstance(value, (str, bytes, bytearray, memoryview))
