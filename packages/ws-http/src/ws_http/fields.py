"""The header fields of the opening handshake: each one's value, parsed and built.

What ``parse_...`` gives, ``build_...`` takes back. Parsing raises
InvalidHeaderFormat, with the position; building raises ValueError.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Callable, TypeVar, cast

from .grammar import Scanner, is_token
from .typing import (
    ConnectionOption,
    ExtensionHeader,
    ExtensionName,
    ExtensionParameter,
    Subprotocol,
    UpgradeProtocol,
)

__all__ = [
    "build_extension",
    "build_host",
    "build_subprotocol",
    "is_host",
    "parse_connection",
    "parse_content_length",
    "parse_extension",
    "parse_subprotocol",
    "parse_upgrade",
    "validate_subprotocols",
]

# "protocol = protocol-name ["/" protocol-version]" (RFC 7230 §6.7)
_PROTOCOL = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+(?:/[!#$%&'*+\-.^_`|~0-9A-Za-z]+)?")

# "Host = uri-host [ ":" port ]" (RFC 7230 §5.4), uri-host as in RFC 3986 §3.2.2.
_HOST = re.compile(
    r"(?:\[[!$&'()*+,;=:\-._~0-9A-Za-z]+\]|[!$%&'()*+,;=\-._~0-9A-Za-z]*)(?::[0-9]*)?"
)

_CONTENT_LENGTH = re.compile(r"[0-9]{1,18}")

# Peers are of few makes, and each says the same in every handshake. So what short values
# came to is remembered; 64 of 128 characters are no memory to speak of.
REMEMBERED = 64
SHORT = 128

T = TypeVar("T")


def remember(parse: Callable[[str], tuple[T, ...]]) -> Callable[[str], tuple[T, ...]]:
    """Let a parser remember short values. What it returns must not be changed."""
    remembering = lru_cache(maxsize=REMEMBERED)(parse)
    return lambda header: (remembering if len(header) <= SHORT else parse)(header)


def parse_connection(header: str) -> list[ConnectionOption]:
    """Parse a ``Connection`` header (RFC 7230 §6.1)."""
    return list(_connection(header))


@remember
def _connection(header: str) -> tuple[ConnectionOption, ...]:
    options = Scanner("Connection", header).items(Scanner.token)
    return tuple(cast("list[ConnectionOption]", options))


def parse_upgrade(header: str) -> list[UpgradeProtocol]:
    """Parse an ``Upgrade`` header (RFC 7230 §6.7)."""
    return list(_upgrade(header))


@remember
def _upgrade(header: str) -> tuple[UpgradeProtocol, ...]:
    protocols = Scanner("Upgrade", header).items(lambda s: s.match(_PROTOCOL, "protocol"))
    return tuple(cast("list[UpgradeProtocol]", protocols))


def parse_extension(header: str) -> list[ExtensionHeader]:
    """Parse a ``Sec-WebSocket-Extensions`` header (RFC 6455 §9.1).

    Returns pairs of a name and a list of parameters, which are pairs of a name and
    a value, or None where there is no value.
    """
    return [(name, list(params)) for name, params in _extensions(header)]


@remember
def _extensions(header: str) -> tuple[ExtensionHeader, ...]:
    return tuple(Scanner("Sec-WebSocket-Extensions", header).items(_extension))


def _extension(scanner: Scanner) -> ExtensionHeader:
    name = ExtensionName(scanner.token())
    params = []
    while scanner.skip(";"):
        scanner.count_item()
        params.append(_extension_parameter(scanner))
    return name, params


def _extension_parameter(scanner: Scanner) -> ExtensionParameter:
    name = scanner.token()
    if not scanner.skip("="):
        return name, None
    start = scanner.pos
    value = scanner.token_or_quoted_string()
    # "When using the quoted-string syntax variant, the value after quoted-string
    #  unescaping MUST conform to the 'token' ABNF."
    if not is_token(value):
        scanner.pos = start
        raise scanner.error("expected token in quoted string")
    return name, value


def build_extension(extensions: Sequence[ExtensionHeader]) -> str:
    """Build a ``Sec-WebSocket-Extensions`` header; the inverse of :func:`parse_extension`."""
    return ", ".join(
        "; ".join([_check_token(name), *(_build_parameter(*param) for param in params)])
        for name, params in extensions
    )


def _build_parameter(name: str, value: str | None) -> str:
    if value is None:
        return _check_token(name)
    return f"{_check_token(name)}={_check_token(value)}"


def _check_token(text: str) -> str:
    if not isinstance(text, str):
        raise TypeError(f"part of an extension must be str, not {type(text).__name__}")
    if not is_token(text):
        raise ValueError("part of an extension is not a token")
    return text


def parse_subprotocol(header: str) -> list[Subprotocol]:
    """Parse a ``Sec-WebSocket-Protocol`` header (RFC 6455 §11.3.4)."""
    subprotocols = Scanner("Sec-WebSocket-Protocol", header).items(Scanner.token)
    return cast("list[Subprotocol]", subprotocols)


def build_subprotocol(subprotocols: Sequence[Subprotocol]) -> str:
    """Build a ``Sec-WebSocket-Protocol`` header; the inverse of :func:`parse_subprotocol`."""
    validate_subprotocols(subprotocols)
    return ", ".join(subprotocols)


def validate_subprotocols(subprotocols: Sequence[Subprotocol]) -> None:
    """Raise ValueError or TypeError if ``subprotocols`` cannot be offered or be chosen from.

    "The elements that comprise this value MUST be non-empty strings with characters
    in the range U+0021 to U+007E not including separator characters [...] and MUST
    all be unique strings." (RFC 6455 §4.1)
    """
    if isinstance(subprotocols, (str, bytes)):
        raise TypeError("subprotocols must be a list, not a string")
    for subprotocol in subprotocols:
        if not isinstance(subprotocol, str):
            raise TypeError(f"subprotocol must be str, not {type(subprotocol).__name__}")
        if not is_token(subprotocol):
            raise ValueError("subprotocol is not a token")
    if len(set(subprotocols)) < len(subprotocols):
        raise ValueError("subprotocols are not unique")


def build_host(host: str, port: int, secure: bool) -> str:
    """Build a ``Host`` header: IPv6 addresses in brackets, the default port left out.

    ``host`` is that of a :class:`~ws_http.uri.WebSocketURI`. Raises ValueError if it
    is none.
    """
    # A zone means something on this machine only, and is not to be sent (RFC 6874 §4).
    if ":" in host:
        host = f"[{host.partition('%')[0]}]"
    if not host or not is_host(host):
        raise ValueError("host has a character that is not allowed")
    # "/host/ plus optionally ":" followed by /port/ (when not using the default port)"
    if port == (443 if secure else 80):
        return host
    return f"{host}:{port:d}"


def is_host(value: str) -> bool:
    """Return whether ``value`` may stand in a ``Host`` header (RFC 7230 §5.4)."""
    return _HOST.fullmatch(value) is not None


def parse_content_length(header: str) -> int | None:
    """Parse a ``Content-Length`` header (RFC 7230 §3.3.2): None where it is no number.

    Only ASCII digits: int() takes "+5", "1_0" and more.
    """
    return int(header) if _CONTENT_LENGTH.fullmatch(header) else None
