"""The exceptions of the opening handshake, and what they say."""

from __future__ import annotations

import copy
import pickle

import pytest

import ws_http
from ws_frames import WebSocketException
from ws_http import (
    AbortHandshake,
    DuplicateParameter,
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidOrigin,
    InvalidParameterName,
    InvalidParameterValue,
    InvalidStatusCode,
    InvalidUpgrade,
    InvalidURI,
    NegotiationError,
    RedirectHandshake,
    SecurityError,
    TargetTooLong,
    UnsupportedMethod,
)
from ws_http import exceptions as module

#: Exceptions and their texts.
EXCEPTIONS: list[tuple[WebSocketException, str]] = [
    (InvalidHandshake("handshake failed"), "handshake failed"),
    (SecurityError("redirect from wss to ws"), "redirect from wss to ws"),
    (TargetTooLong("request line over 8192 bytes"), "request line over 8192 bytes"),
    (InvalidMessage("malformed request line"), "malformed request line"),
    (UnsupportedMethod("POST"), "unsupported method: POST"),
    (InvalidHeader("Name"), "missing Name header"),
    (InvalidHeader("Name", None), "missing Name header"),
    (InvalidHeader("Name", ""), "empty Name header"),
    (InvalidHeader("Name", "Value"), "invalid Name header: Value"),
    (InvalidHeader("Name", "a\x1b"), "invalid Name header: a\\x1b"),
    (InvalidHeader("Authorization", "secret"), "invalid Authorization header"),
    (InvalidHeader("cookie", "secret"), "invalid cookie header"),
    (
        InvalidHeaderFormat("Sec-WebSocket-Protocol", "expected token", "a=|", 3),
        "invalid Sec-WebSocket-Protocol header: expected token at 3 in a=|",
    ),
    (
        InvalidHeaderFormat("Authorization", "expected token", "secret", 3),
        "invalid Authorization header: expected token at 3 in ***",
    ),
    (InvalidHeaderValue("Sec-WebSocket-Version", "42"), "invalid Sec-WebSocket-Version header: 42"),
    (InvalidOrigin("http://bad.origin"), "invalid Origin header: http://bad.origin"),
    (InvalidOrigin(None), "missing Origin header"),
    (InvalidUpgrade("Upgrade"), "missing Upgrade header"),
    (InvalidUpgrade("Connection", "websocket"), "invalid Connection header: websocket"),
    (InvalidStatusCode(403), "server rejected WebSocket connection: HTTP 403"),
    (InvalidStatusCode(300), "server rejected WebSocket connection: HTTP 300"),
    (
        InvalidStatusCode(200),
        (
            "server rejected WebSocket connection: HTTP 200; "
            "what is there is no WebSocket, check the port and the path"
        ),
    ),
    (
        InvalidStatusCode(403, Headers(A="1"), b"body"),
        "server rejected WebSocket connection: HTTP 403",
    ),
    (NegotiationError("unsupported subprotocol: spam"), "unsupported subprotocol: spam"),
    (DuplicateParameter("a"), "duplicate parameter: a"),
    (InvalidParameterName("|"), "invalid parameter name: |"),
    (InvalidParameterValue("a", None), "missing value for parameter a"),
    (InvalidParameterValue("a", ""), "empty value for parameter a"),
    (InvalidParameterValue("a", "|"), "invalid value for parameter a: |"),
    (AbortHandshake(200, Headers(), b"OK\n"), "HTTP 200, 0 headers, 3 bytes"),
    (AbortHandshake(503, [("A", "1"), ("a", "2")]), "HTTP 503, 2 headers, 0 bytes"),
    (AbortHandshake(200, [], None), "HTTP 200, 0 headers, 0 bytes"),
    (RedirectHandshake("wss://example.com"), "redirect to wss://example.com"),
    (RedirectHandshake("wss://u:secret@h/"), "redirect to wss://***@h/"),
    (InvalidURI("|"), "| isn't a valid URI"),
    (InvalidURI("|", "no host"), "| isn't a valid URI: no host"),
    (InvalidURI("ws://u:secret@h/\n"), "ws://***@h/\\n isn't a valid URI"),
]

TREE = {
    WebSocketException: [InvalidHandshake, InvalidURI],
    InvalidHandshake: [
        SecurityError,
        InvalidMessage,
        InvalidHeader,
        InvalidStatusCode,
        NegotiationError,
        AbortHandshake,
        RedirectHandshake,
    ],
    SecurityError: [TargetTooLong],
    InvalidMessage: [UnsupportedMethod],
    InvalidHeader: [InvalidHeaderFormat, InvalidHeaderValue, InvalidOrigin, InvalidUpgrade],
    NegotiationError: [DuplicateParameter, InvalidParameterName, InvalidParameterValue],
}

every_exception = pytest.mark.parametrize(
    ("exc", "text"), EXCEPTIONS, ids=[f"{type(exc).__name__}: {text}" for exc, text in EXCEPTIONS]
)


@every_exception
def test_each_exception_has_a_text(exc: WebSocketException, text: str) -> None:
    assert str(exc) == text


@every_exception
def test_each_exception_survives_pickling_and_copying(exc: WebSocketException, text: str) -> None:
    for other in (pickle.loads(pickle.dumps(exc)), copy.copy(exc), copy.deepcopy(exc)):
        assert type(other) is type(exc)
        assert str(other) == text
        assert vars(other) == vars(exc)


def test_each_exception_is_tested() -> None:
    tested = {type(exc).__name__ for exc, _ in EXCEPTIONS}
    assert tested == set(module.__all__) <= set(ws_http.__all__)


@pytest.mark.parametrize(
    ("base", "children"), TREE.items(), ids=lambda item: getattr(item, "__name__", "")
)
def test_the_classes_are_a_tree(base: type, children: list[type]) -> None:
    assert [child.__bases__ for child in children] == [(base,)] * len(children)


def test_an_invalid_uri_does_not_keep_its_credentials() -> None:
    exc = InvalidURI("ws://user:secret@host:port/")
    assert exc.uri == "ws://***@host:port/"
    assert "secret" not in repr(exc)


def test_an_exception_holds_what_it_was_made_of() -> None:
    format_error = InvalidHeaderFormat("A", "expected token", "a=|", 3)
    assert (format_error.name, format_error.value) == ("A", "expected token at 3 in a=|")
    status = InvalidStatusCode(401, {"A": "1"}, b"body")
    assert (status.status_code, status.code, status.body) == (401, 401, b"body")
    assert status.headers == Headers(A="1")
    abort = AbortHandshake(401, {"A": "1"}, b"body")
    assert (abort.status, abort.headers, abort.body) == (401, Headers(A="1"), b"body")
    assert InvalidOrigin("null").value == "null"
    assert RedirectHandshake("ws://u:p@h/").uri == "ws://u:p@h/"
