"""Why there is no connection, and what to do about it, in a line."""

from __future__ import annotations

import asyncio
import errno
import re
import socket
import ssl

from ws_http import (
    InvalidMessage,
    InvalidStatusCode,
    InvalidURI,
    build_host,
    hide_credentials,
    parse_uri,
)

from .display import escape

__all__ = ["explain"]

#: Characters of the body of a response that are shown.
SHOWN_BODY = 200

STATUS_HINTS = {
    401: "give the credentials as ws://user:password@host, or with --header",
    403: "perhaps it wants another --origin, or credentials",
    404: "check the path of the URI",
    426: "perhaps another path of it is a WebSocket",
}

# What asyncio says about several addresses of a host holds the numbers as text only.
ERRNO = re.compile(r"\[Errno (-?\d+)\]")


def explain(exc: Exception, uri: str) -> str:
    """Say in a line what went wrong with connecting to ``uri``, and what may help."""
    if isinstance(exc, InvalidURI):
        shown = escape(hide_credentials(uri)) or "an empty text"
        return f"{shown} isn't a WebSocket URI; {correct_uri(uri)}"
    if isinstance(exc, InvalidStatusCode):
        return explain_status(exc)
    if isinstance(exc, InvalidMessage):
        other = "ws://" if parse_uri(uri).secure else "wss://"
        return f"the server doesn't speak HTTP there ({escape(str(exc))}); try {other}?"
    if isinstance(exc, asyncio.TimeoutError):
        return f"no answer from {server_of(uri)} in time; is that the right host and port?"
    if isinstance(exc, OSError):
        return explain_os_error(exc, uri)
    return escape(str(exc) or type(exc).__name__)


def correct_uri(uri: str) -> str:
    """Say what would be a URI, where one can be guessed."""
    scheme, separator, rest = uri.partition("#")[0].partition("://")
    scheme = {"http": "ws", "https": "wss"}.get(scheme.lower(), scheme)
    corrected = f"{scheme}://{rest}" if separator else f"ws://{uri}"
    try:
        parse_uri(corrected)
    except InvalidURI:
        return "write it as ws://host:port/path, or wss:// for TLS"
    return f"try {escape(hide_credentials(corrected))}"


def explain_status(exc: InvalidStatusCode) -> str:
    """Show the first line of the body with the status: it may say why."""
    text = f"the server answered HTTP {exc.status_code} instead of opening a WebSocket"
    lines = exc.body[: 4 * SHOWN_BODY].decode(errors="replace").strip().splitlines()
    content_type = exc.headers.get_all("Content-Type")
    if lines and not any("html" in value.lower() for value in content_type):
        shown = lines[0][:SHOWN_BODY] + ("..." if len(lines[0]) > SHOWN_BODY else "")
        text += f": {escape(shown)}"
    hint = STATUS_HINTS.get(exc.status_code)
    return f"{text} ({hint})" if hint else text


def explain_os_error(exc: OSError, uri: str) -> str:
    server = server_of(uri)
    if isinstance(exc, ssl.SSLCertVerificationError):
        return (
            f"the certificate of {server} isn't good: {exc.verify_message}; "
            "--insecure connects in spite of that"
        )
    if isinstance(exc, ssl.SSLError):
        reason = exc.reason or exc
        return f"TLS with {server} failed: {reason}; does it speak TLS there, or ws:// only?"
    if isinstance(exc, socket.gaierror):
        return f"cannot find the host of {server}: {exc.strerror}; check how it is spelt"
    if error_number(exc) == errno.ECONNREFUSED:
        return f"nobody listens at {server}; is the server running, and is that its port?"
    return f"cannot connect to {server}: {escape(exc.strerror or str(exc))}"


def error_number(exc: OSError) -> int | None:
    """Find the number of an error, which all addresses of a host may have in common."""
    if exc.errno is not None:
        return exc.errno
    numbers = {int(number) for number in ERRNO.findall(str(exc))}
    return numbers.pop() if len(numbers) == 1 else None


def server_of(uri: str) -> str:
    parsed = parse_uri(uri)
    return build_host(parsed.host, parsed.port, parsed.secure)
