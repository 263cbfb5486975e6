"""Why there is no connection, in a line that says what to do."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl

import pytest

from ws_asyncio.interactive.failures import explain
from ws_http import (
    InvalidHandshake,
    InvalidMessage,
    InvalidStatusCode,
    InvalidURI,
    parse_uri,
)

URI = "ws://example.com:8000/"
CERTIFICATE = ssl.SSLCertVerificationError(1, "certificate verify failed")
CERTIFICATE.verify_message = "self-signed certificate"
NO_TLS = ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER] wrong version number")
NO_TLS.reason = "WRONG_VERSION_NUMBER"
REFUSED = f"[Errno {errno.ECONNREFUSED}] Connect call failed"
UNREACHABLE = f"[Errno {errno.ENETUNREACH}] Connect call failed"


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        (
            "http://example.com/a",
            "http://example.com/a isn't a WebSocket URI; try ws://example.com/a",
        ),
        ("HTTPS://example.com", "; try wss://example.com"),
        ("localhost:8000", "; try ws://localhost:8000"),
        ("ws://example.com/#top", "; try ws://example.com/"),
        ("https://example.com/#top", "; try wss://example.com/"),
        ("http://user:secret@example.com/", "http://***@example.com/ isn't"),
        ("a\x1bb", r"a\x1bb isn't a WebSocket URI; write it"),
        ("ftp://example.com/", "; write it as ws://host:port/path, or wss:// for TLS"),
        ("", "an empty text isn't a WebSocket URI; write it"),
    ],
)
def test_a_uri_is_corrected_where_that_can_be_done(uri: str, words: str) -> None:
    with pytest.raises(InvalidURI) as info:
        parse_uri(uri)
    text = explain(info.value, uri)
    assert words in text
    assert "secret" not in text


@pytest.mark.parametrize(
    ("exc", "text"),
    [
        (
            InvalidStatusCode(403, {"Content-Type": "text/plain"}, b"Go \x1b away.\nPlease.\n"),
            (
                r"the server answered HTTP 403 instead of opening a WebSocket: Go \x1b away. "
                "(perhaps it wants another --origin, or credentials)"
            ),
        ),
        (
            InvalidStatusCode(500, None, b"x" * 300),
            f"the server answered HTTP 500 instead of opening a WebSocket: {'x' * 200}...",
        ),
        (
            InvalidStatusCode(
                404, {"Content-Type": "text/HTML; charset=utf-8"}, b"<!doctype html>"
            ),
            (
                "the server answered HTTP 404 instead of opening a WebSocket "
                "(check the path of the URI)"
            ),
        ),
        (
            InvalidStatusCode(401),
            (
                "the server answered HTTP 401 instead of opening a WebSocket "
                "(give the credentials as ws://user:password@host, or with --header)"
            ),
        ),
        (
            InvalidMessage("did not receive\a a valid status line"),
            (
                r"the server doesn't speak HTTP there (did not receive\x07 a valid status line); "
                "try wss://?"
            ),
        ),
        (
            asyncio.TimeoutError("connecting took more than 10 s"),
            "no answer from example.com:8000 in time; is that the right host and port?",
        ),
        (
            CERTIFICATE,
            (
                "the certificate of example.com:8000 isn't good: self-signed certificate; "
                "--insecure connects in spite of that"
            ),
        ),
        (
            NO_TLS,
            (
                "TLS with example.com:8000 failed: WRONG_VERSION_NUMBER; "
                "does it speak TLS there, or ws:// only?"
            ),
        ),
        (
            socket.gaierror(socket.EAI_NONAME, "Name or service not known"),
            (
                "cannot find the host of example.com:8000: Name or service not known; "
                "check how it is spelt"
            ),
        ),
        (
            ConnectionRefusedError(errno.ECONNREFUSED, "Connect call failed"),
            "nobody listens at example.com:8000; is the server running, and is that its port?",
        ),
        (
            OSError(f"Multiple exceptions: {REFUSED} ('::1', 1), {REFUSED} ('127.0.0.1', 1)"),
            "nobody listens at example.com:8000; is the server running, and is that its port?",
        ),
        (
            OSError(f"Multiple exceptions: {REFUSED}, {UNREACHABLE}"),
            f"cannot connect to example.com:8000: Multiple exceptions: {REFUSED}, {UNREACHABLE}",
        ),
        (
            OSError(errno.ENETUNREACH, "Network is unreachable"),
            "cannot connect to example.com:8000: Network is unreachable",
        ),
        (InvalidHandshake("some\nthing"), r"some\nthing"),
        (InvalidHandshake(), "InvalidHandshake"),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_a_failure_is_explained_in_a_line(exc: Exception, text: str) -> None:
    assert explain(exc, URI) == text


def test_http_on_a_port_for_tls_is_thought_of() -> None:
    assert explain(InvalidMessage("no"), "wss://localhost/").endswith("; try ws://?")
