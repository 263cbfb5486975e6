"""Redirects, RFC 7231 §6.4."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import (
    Headers,
    InvalidHeader,
    InvalidURI,
    SecurityError,
    follow_redirect,
    parse_uri,
    redirect_uri,
    redirected_headers,
    same_origin,
)

URI = parse_uri("ws://user:secret@example.com:8080/a/b?c")


@pytest.mark.parametrize(
    ("location", "uri"),
    [
        ("/d", "ws://example.com:8080/d"),
        ("d", "ws://example.com:8080/a/d"),
        ("../d?e", "ws://example.com:8080/d?e"),
        ("?e", "ws://example.com:8080/a/b?e"),
        ("", "ws://example.com:8080/a/b?c"),
        ("//other/d", "ws://other/d"),
        ("ws://other/d", "ws://other/d"),
        ("wss://other/d", "wss://other/d"),
        ("http://other/d", "ws://other/d"),
        ("HTTPS://other/d", "wss://other/d"),
        ("/d#fragment", "ws://example.com:8080/d"),
        ("/\xc3\xa9", "ws://example.com:8080/é"),
        ("/\xe9", "ws://example.com:8080/é"),
        ("/\u20ac", "ws://example.com:8080/€"),
        ("ftp://other/", "ftp://other/"),
    ],
)
def test_a_location_is_resolved(location: str, uri: str) -> None:
    assert redirect_uri(URI, location) == uri


def test_a_location_that_cannot_be_resolved_is_an_invalid_header() -> None:
    with pytest.raises(InvalidHeader, match="invalid Location header: //"):
        redirect_uri(URI, "//[")


def test_a_location_that_cannot_be_resolved_shows_no_password() -> None:
    with pytest.raises(InvalidHeader) as caught:
        redirect_uri(URI, "ws://[user:secret@example.com/")
    assert str(caught.value) == "invalid Location header: ws://***@example.com/"
    assert caught.value.__context__ is None


@given(st.text("/:@[].?#%\\a\xc3\xa9 ", max_size=20))
def test_any_location_is_resolved_or_refused(location: str) -> None:
    with contextlib.suppress(InvalidHeader, InvalidURI, SecurityError):
        follow_redirect(URI, redirect_uri(URI, location))


def test_credentials_stay_for_the_same_origin() -> None:
    assert follow_redirect(URI, "ws://EXAMPLE.com:8080/d").user_info == ("user", "secret")
    assert follow_redirect(URI, "ws://new:pw@example.com:8080/").user_info == ("new", "pw")


@pytest.mark.parametrize(
    "location",
    [
        "ws://example.com/",
        "wss://example.com:8080/",
        "ws://other:8080/",
        "ws://evil.example.com:8080/",
        "ws://new:pw@other:8080/",
    ],
)
def test_credentials_do_not_go_to_another_origin(location: str) -> None:
    assert follow_redirect(URI, location).user_info is None


def test_a_redirect_from_tls_to_plain_text_is_refused() -> None:
    with pytest.raises(SecurityError, match="redirect from wss to ws"):
        follow_redirect(parse_uri("wss://a/"), "ws://a:443/")
    assert follow_redirect(parse_uri("wss://a/"), "wss://b/").host == "b"
    assert follow_redirect(parse_uri("ws://a/"), "wss://a/").secure


@pytest.mark.parametrize("location", ["ftp://a/", "ws://", "ws://user@a/", "ws://a/ b"])
def test_a_redirect_to_what_is_no_websocket_is_refused(location: str) -> None:
    with pytest.raises(InvalidURI):
        follow_redirect(URI, location)


@pytest.mark.parametrize(
    ("uri", "other", "same"),
    [
        ("ws://a/", "ws://a:80/b", True),
        ("ws://a/", "ws://u:p@A/", True),
        ("ws://a/", "wss://a/", False),
        ("ws://a/", "ws://b/", False),
        ("ws://a/", "ws://a:81/", False),
    ],
)
def test_an_origin_is_scheme_host_and_port(uri: str, other: str, same: bool) -> None:
    assert same_origin(parse_uri(uri), parse_uri(other)) is same


def test_all_headers_go_to_the_same_origin() -> None:
    headers = Headers([("Authorization", "a"), ("Cookie", "b"), ("X", "1"), ("X", "2")])
    kept = redirected_headers(headers, URI, parse_uri("ws://example.com:8080/d"))
    assert kept == headers
    assert kept is not headers


def test_no_header_that_may_be_a_credential_goes_to_another_origin() -> None:
    headers = Headers(
        {"Authorization": "a", "Cookie": "b", "X-Api-Key": "c", "X-Trace": "d", "user-agent": "e"}
    )
    other = parse_uri("ws://other/")
    assert redirected_headers(headers, URI, other) == Headers({"User-Agent": "e"})
    assert redirected_headers(headers, URI, other, keep=["x-TRACE"]) == Headers(
        {"User-Agent": "e", "X-Trace": "d"}
    )
