"""WebSocket URIs (RFC 6455 §3, RFC 3986) and IRIs (RFC 3987)."""

from __future__ import annotations

import re
from typing import NamedTuple, Optional, Tuple  # noqa: UP035
from urllib.parse import quote, unquote_to_bytes

from .domains import MAX_DOMAIN, encode_domain
from .exceptions import InvalidURI

__all__ = ["WebSocketURI", "build_uri", "parse_uri"]

# RFC 3986 appendix B, with the schemes of RFC 6455 and without a fragment: "Fragment
# identifiers [...] MUST NOT be used on these URIs." Not urlsplit(), which drops tabs and
# line feeds from the middle of a URI, and so judges another one than the caller gave. Unlike
# there, a path begins with a slash: else one with a fragment takes quadratic time to refuse.
_URI = re.compile(
    r"(?P<scheme>wss?)://(?P<authority>[^/?#]*)(?P<path>(?:/[^?#]*)?)(?:\?(?P<query>[^#]*))?",
    re.IGNORECASE,
)

# The zone of an address stands behind "%25" (RFC 6874 §2), and behind "%" where it is
# copied from elsewhere. The userinfo ends at the last "@", as in browsers. No backslash:
# for browsers it is a slash and ends the authority, so that they see another host.
_AUTHORITY = re.compile(
    r"(?:(?P<userinfo>[^\\\[\]]*)@)?"
    r"(?:\[(?P<address>[0-9A-Fa-f:.]+)(?:%25(?P<zone>[-._~0-9A-Za-z]+)"
    r"|%(?!25)(?P<bare_zone>[-._~0-9A-Za-z]+))?\]|(?P<name>[^@:\[\]\\]+))"
    r"(?::(?P<port>[0-9]*))?"
)

# Spaces and control characters, which no part of a URI or an IRI can hold.
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")

# "reg-name = *( unreserved / pct-encoded / sub-delims )", percent-encoding undone.
_NAME = re.compile(r"[-._~!$&'()*+,;=0-9A-Za-z]+")

_SCHEME = re.compile(r"[a-z][-+.a-z0-9]{0,19}", re.IGNORECASE)

_NON_ASCII = re.compile(r"[^\x00-\x7f]+")


class WebSocketURI(NamedTuple):
    """The parts of a URI (RFC 6455 §3)."""

    #: Whether to connect with TLS: the scheme is ``wss``.
    secure: bool
    #: A domain name in lower-case ASCII, or an IP address: without brackets, and with
    #: ``%`` and its zone where it has one.
    host: str
    #: 1 to 65535; 80 or 443 where the URI has none.
    port: int
    #: Path and query, percent-encoded: the target of the request.
    resource_name: str
    #: User and password, percent-decoded, or None.
    user_info: Optional[Tuple[str, str]] = None  # noqa: UP006, UP045

    def __repr__(self) -> str:
        """Show all but the password."""
        user_info = self.user_info and (self.user_info[0], "***")
        return (
            f"WebSocketURI(secure={self.secure!r}, host={self.host!r}, port={self.port!r}, "
            f"resource_name={self.resource_name!r}, user_info={user_info!r})"
        )


def parse_uri(uri: str) -> WebSocketURI:
    """Parse a ``ws`` or ``wss`` URI or IRI.

    A host outside ASCII becomes its IDNA form, see ``ws_http/domains.py``; other
    characters outside ASCII are percent-encoded in UTF-8. Raises InvalidURI for
    another scheme, a fragment, a missing host, a user without a password, a port
    that is no number from 1 to 65535, spaces and control characters; TypeError for
    what is no text.
    """
    if not isinstance(uri, str):
        # Not what it is: bytes of a URI may hold a password.
        raise TypeError(f"a URI is a str such as 'ws://localhost:8765/', not {type(uri).__name__}")
    match = _URI.fullmatch(uri)
    if match is None or _FORBIDDEN.search(uri):
        raise InvalidURI(uri, _why_not(uri))
    authority = _AUTHORITY.fullmatch(match["authority"])
    if authority is None:
        reason = "malformed host or port" if match["authority"] else "no host"
        raise InvalidURI(uri, reason)
    secure = match["scheme"].lower() == "wss"
    try:
        return WebSocketURI(
            secure,
            _parse_host(authority),
            _parse_port(authority["port"], secure),
            _resource_name(match["path"], match["query"]),
            _parse_userinfo(authority["userinfo"]),
        )
    except ValueError as exc:
        # A UnicodeDecodeError may hold the password. What is raised here does not.
        reason = str(exc) if type(exc) is ValueError else ""
    # Not where that exception would be the context.
    raise InvalidURI(uri, reason)


def _why_not(uri: str) -> str:
    """Say what keeps a text from having the form of a URI; nothing of the text but a scheme."""
    if _FORBIDDEN.search(uri):
        return "spaces and control characters have to be percent-encoded"
    scheme, separator, _ = uri.partition("://")
    if not separator or _SCHEME.fullmatch(scheme) is None:
        return "it has to begin with ws:// or wss://"
    if scheme.lower() not in ("ws", "wss"):
        return f"the scheme has to be ws, or wss for TLS, not {scheme}"
    return "a fragment, from # on, has to be left out"


def _parse_host(authority: re.Match[str]) -> str:
    if authority["address"] is not None:
        return _parse_address(authority["address"], authority["zone"] or authority["bare_zone"])
    name = unquote_to_bytes(authority["name"]).decode()
    if not name.isascii():
        name = encode_domain(name)
    labels = name[:-1].split(".") if name.endswith(".") else name.split(".")
    # What a resolver would refuse, some of them with a UnicodeError.
    if not all(0 < len(label) <= 63 for label in labels) or len(name) > MAX_DOMAIN + 1:
        raise ValueError("a label is empty or over 63 characters, or the name over 253")
    if _NAME.fullmatch(name) is None:
        raise ValueError("a character is not allowed in a host")
    return name.lower()


def _parse_address(address: str, zone: str | None) -> str:
    # Here, since it takes milliseconds to import and few URIs need it.
    from ipaddress import IPv6Address

    IPv6Address(address)
    return address.lower() if zone is None else f"{address.lower()}%{zone}"


def _parse_port(port: str | None, secure: bool) -> int:
    # "port = *DIGIT": it may be there and empty.
    if not port:
        return 443 if secure else 80
    # int() of a string of any length is quadratic.
    number = int(port.lstrip("0")[:6] or "0")
    if not 0 < number <= 65535:
        raise ValueError("port is not from 1 to 65535")
    return number


def _parse_userinfo(userinfo: str | None) -> tuple[str, str] | None:
    if userinfo is None:
        return None
    user, colon, password = userinfo.partition(":")
    if not colon:
        raise ValueError("user without a password")
    user, password = unquote_to_bytes(user).decode(), unquote_to_bytes(password).decode()
    # What Basic authentication cannot carry (RFC 7617 §2).
    if ":" in user or _CONTROLS.search(user + password):
        raise ValueError("user with a colon, or a control character in user or password")
    return user, password


def _resource_name(path: str, query: str | None) -> str:
    # "/resource-name/ = path [ "?" query ]", "/" where the path is empty.
    target = (path or "/") if query is None else f"{path or '/'}?{query}"
    # "Convert the character to a sequence of one or more octets using UTF-8 [...] Convert
    #  each octet to %HH" (RFC 3987 §3.1). What is ASCII stays: it may be encoded already.
    return _NON_ASCII.sub(lambda match: quote(match[0]), target)


def build_uri(uri: WebSocketURI) -> str:
    """Build a URI; the inverse of :func:`parse_uri`. It shows the password."""
    scheme = "wss" if uri.secure else "ws"
    userinfo = ""
    if uri.user_info is not None:
        userinfo = ":".join(quote(part, safe="") for part in uri.user_info) + "@"
    host = uri.host
    if ":" in host:
        host = "[{}]".format(host.replace("%", "%25", 1))
    port = "" if uri.port == (443 if uri.secure else 80) else f":{uri.port}"
    return f"{scheme}://{userinfo}{host}{port}{uri.resource_name}"
