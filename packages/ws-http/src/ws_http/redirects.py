"""Redirects: where a server sends a client, and what may go there (RFC 7231 §6.4).

"the server might redirect the client using a 3xx status code (but clients are not
required to follow them)" (RFC 6455 §4.1)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import urljoin

from .display import hide_credentials
from .exceptions import InvalidHeader, SecurityError
from .headers import Headers
from .uri import WebSocketURI, build_uri, parse_uri

__all__ = [
    "MAX_REDIRECTS",
    "REDIRECTS",
    "follow_redirect",
    "redirect_uri",
    "redirected_headers",
    "same_origin",
]

#: The statuses that ask to send the same request elsewhere.
REDIRECTS = frozenset({301, 302, 303, 307, 308})

#: How many to follow in a row.
MAX_REDIRECTS = 10

# For a server, a handshake is a request over HTTP, so it may say "https://...".
_HTTP_SCHEME = re.compile(r"^http(s?):", re.IGNORECASE)


def redirect_uri(uri: WebSocketURI, location: str) -> str:
    """Return where ``location``, relative or absolute, leads from ``uri``, as a URI.

    It has a ``ws`` or ``wss`` scheme in place of ``http`` or ``https``, no fragment,
    and it may be no valid URI of a WebSocket. Raises InvalidHeader for a location that
    cannot be resolved.
    """
    # Headers are read as ISO-8859-1; this one is likely to be in UTF-8 if not in ASCII.
    with suppress(UnicodeError):
        location = location.encode("iso-8859-1").decode()
    location = _HTTP_SCHEME.sub(_websocket_scheme, location.partition("#")[0])
    with suppress(ValueError):
        return urljoin(build_uri(uri._replace(user_info=None)), location)
    # Here, and so without a context: that exception may show a password.
    raise InvalidHeader("Location", hide_credentials(location))


def _websocket_scheme(match: re.Match[str]) -> str:
    return f"ws{match[1].lower()}:"


def follow_redirect(uri: WebSocketURI, location: str) -> WebSocketURI:
    """Return the URI to connect to, when ``uri`` was redirected to the URI ``location``.

    The credentials of ``uri`` stay if they are for the same origin. Raises InvalidURI,
    and SecurityError for a redirect from TLS to plain text.
    """
    target = parse_uri(location)
    if uri.secure and not target.secure:
        raise SecurityError("redirect from wss to ws")
    if same_origin(uri, target):
        return target._replace(user_info=target.user_info or uri.user_info)
    # A server must not make the client send credentials of its choice somewhere else.
    return target._replace(user_info=None)


def same_origin(uri: WebSocketURI, other: WebSocketURI) -> bool:
    """Return whether both have the same scheme, host and port (RFC 6454 §5)."""
    return uri[:3] == other[:3]


def redirected_headers(
    headers: Headers, uri: WebSocketURI, target: WebSocketURI, keep: Iterable[str] = ()
) -> Headers:
    """Return those of the caller's ``headers`` that may go from ``uri`` to ``target``.

    All of them go to the same origin. To another one goes ``User-Agent``, and what is
    named in ``keep``: any other header, of whatever name, may be a credential.
    """
    if same_origin(uri, target):
        return headers.copy()
    kept = {"user-agent", *(name.lower() for name in keep)}
    return Headers([item for item in headers.raw_items() if item[0].lower() in kept])
