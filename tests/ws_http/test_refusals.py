"""Responses that refuse a handshake."""

from __future__ import annotations

from typing import cast

import pytest

import ws_http.exceptions
from ws_http import (
    AbortHandshake,
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidMessage,
    InvalidOrigin,
    InvalidUpgrade,
    InvalidURI,
    NegotiationError,
    SecurityError,
    TargetTooLong,
    UnsupportedMethod,
    build_refusal,
    refusal_of,
)

STATUSES: list[tuple[BaseException, int]] = [
    (InvalidUpgrade("Upgrade"), 426),
    (InvalidOrigin("http://evil"), 403),
    (UnsupportedMethod("POST"), 405),
    (TargetTooLong("request line over 8192 bytes"), 414),
    (SecurityError("over 128 headers"), 431),
    (InvalidMessage("malformed request line"), 400),
    (InvalidHeader("Host"), 400),
    (InvalidHeaderFormat("Connection", "expected token", "", 0), 400),
    (InvalidHeaderValue("Sec-WebSocket-Key", "a"), 400),
    (NegotiationError("a"), 400),
    (InvalidHandshake("a"), 400),
    (AbortHandshake(503, {}, b""), 503),
    (InvalidURI("secret"), 500),
    (ValueError("secret"), 500),
    (KeyboardInterrupt("secret"), 500),
]


@pytest.mark.parametrize(("exc", "status"), STATUSES, ids=[repr(exc) for exc, _ in STATUSES])
def test_each_exception_has_its_status(exc: BaseException, status: int) -> None:
    refusal = refusal_of(exc)
    assert refusal.status == status
    build_refusal(refusal.status, refusal.headers, refusal.body)


@pytest.mark.parametrize(("exc", "status"), STATUSES, ids=[repr(exc) for exc, _ in STATUSES])
def test_a_body_explains_what_the_client_does_wrong(exc: BaseException, status: int) -> None:
    body = refusal_of(exc).body.decode()
    if status < 500:
        assert f"{exc}.\n" in body
    assert "secret" not in body


def test_a_plain_request_is_told_what_is_here() -> None:
    refusal = refusal_of(InvalidUpgrade("Upgrade"))
    assert refusal.headers == Headers(Upgrade="websocket", Connection="Upgrade")
    assert b"WebSocket" in refusal.body
    assert b"browser" in refusal.body


def test_another_method_is_told_which_are_allowed() -> None:
    assert refusal_of(UnsupportedMethod("POST")).headers == Headers(Allow="GET, HEAD")
    assert refusal_of(UnsupportedMethod("HEAD")).headers == Headers(Allow="GET")


def test_another_version_is_told_which_is_spoken() -> None:
    for exc in (
        InvalidHeaderValue("Sec-WebSocket-Version", "8"),
        InvalidHeader("Sec-WebSocket-Version"),
    ):
        assert refusal_of(exc).headers == Headers({"Sec-WebSocket-Version": "13"})
    assert refusal_of(InvalidHeader("Host")).headers == Headers()


def test_an_abort_is_its_own_answer() -> None:
    exc = AbortHandshake(418, {"A": "1"}, b"tea")
    assert refusal_of(exc) is exc


def test_each_class_of_exception_has_a_status() -> None:
    assert ws_http.exceptions.InvalidHandshake in [cls for cls, _ in ws_http.refusals.STATUSES]


def test_a_refusal_says_how_long_it_is_and_ends_the_connection() -> None:
    response = build_refusal(403, None, b"no\n")
    assert response.serialize() == (
        b"HTTP/1.1 403 Forbidden\r\n"
        b"Connection: close\r\n"
        b"Content-Length: 3\r\n"
        b"Content-Type: text/plain; charset=utf-8\r\n"
        b"\r\n"
        b"no\n"
    )


def test_a_refusal_without_a_body_names_its_status() -> None:
    assert build_refusal(503).body == b"503 Service Unavailable\n"
    assert build_refusal(599).body == b"599 \n"
    assert build_refusal(403, {}, b"").body == b""


def test_the_headers_of_the_caller_stay() -> None:
    headers = Headers({"Content-Type": "text/html", "X": "1", "Content-Length": "99"})
    headers["Content-Length"] = "100"
    response = build_refusal(200, headers, b"page")
    assert response.headers["Content-Type"] == "text/html"
    assert response.headers["X"] == "1"
    assert response.headers["Content-Length"] == "4"
    assert headers.get_all("Content-Length") == ["99", "100"]


@pytest.mark.parametrize(
    ("values", "sent"),
    [
        ([], "close"),
        (["close"], "close"),
        (["keep-alive"], "close"),
        (["Keep-Alive, Upgrade"], "Upgrade, close"),
        (["Upgrade", "Close"], "Upgrade, close"),
    ],
)
def test_the_connection_is_always_closed(values: list[str], sent: str) -> None:
    headers = Headers([("Connection", value) for value in values])
    assert build_refusal(426, headers).headers["Connection"] == sent


def test_head_is_answered_without_a_body() -> None:
    full, head = build_refusal(200, {}, b"page"), build_refusal(200, {}, b"page", head=True)
    assert head.headers == full.headers
    assert head.body == b""


@pytest.mark.parametrize(
    ("status", "length"), [(204, {}), (205, {"Content-Length": "0"}), (304, {})]
)
def test_some_statuses_have_no_body(status: int, length: dict[str, str]) -> None:
    for body in (None, b""):
        response = build_refusal(status, {"Content-Length": "9"}, body)
        assert response.body == b""
        assert response.headers == Headers({"Connection": "close", **length})
    with pytest.raises(ValueError, match=f"body in a response with status {status}"):
        build_refusal(status, {}, b"body")


def test_a_body_may_be_any_bytes_like() -> None:
    for body in (bytearray(b"page"), memoryview(b"page")):
        assert build_refusal(200, {}, body) == build_refusal(200, {}, b"page")


def test_a_body_that_is_text_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="body must be bytes, not str"):
        build_refusal(200, {}, cast("bytes", "page"))


@pytest.mark.parametrize("status", [-1, 0, 100, 101, 199, 600, 1000])
def test_other_statuses_cannot_refuse(status: int) -> None:
    with pytest.raises(ValueError, match=f"status {status} is not from 200 to 599"):
        build_refusal(status)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Transfer-Encoding", "chunked"),
        ("Connection", ""),
        ("Connection", "a b"),
        ("Connection", "a," * 129),
    ],
)
def test_headers_that_would_break_the_response_are_refused(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        build_refusal(200, {name: value})
