"""WebSocket URIs, RFC 6455 §3."""

from __future__ import annotations

import pickle
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import InvalidURI, WebSocketURI, build_host, build_uri, parse_uri
from ws_http.messages import is_target

#: URIs and their parts.
URIS: list[tuple[str, tuple[bool, str, int, str, tuple[str, str] | None]]] = [
    ("ws://localhost/", (False, "localhost", 80, "/", None)),
    ("wss://localhost/", (True, "localhost", 443, "/", None)),
    ("ws://localhost", (False, "localhost", 80, "/", None)),
    ("ws://localhost?a", (False, "localhost", 80, "/?a", None)),
    ("ws://localhost/?", (False, "localhost", 80, "/?", None)),
    ("ws://localhost/path?query", (False, "localhost", 80, "/path?query", None)),
    ("ws://localhost/a/../b;c?d?e/@", (False, "localhost", 80, "/a/../b;c?d?e/@", None)),
    ("ws://localhost//a", (False, "localhost", 80, "//a", None)),
    ("WS://LOCALHOST/PATH?QUERY", (False, "localhost", 80, "/PATH?QUERY", None)),
    ("wsS://a/", (True, "a", 443, "/", None)),
    # Ports
    ("ws://localhost:8080/", (False, "localhost", 8080, "/", None)),
    ("ws://localhost:/", (False, "localhost", 80, "/", None)),
    ("wss://localhost:/", (True, "localhost", 443, "/", None)),
    ("ws://localhost:1/", (False, "localhost", 1, "/", None)),
    ("ws://localhost:65535/", (False, "localhost", 65535, "/", None)),
    ("ws://localhost:000080/", (False, "localhost", 80, "/", None)),
    # Userinfo
    ("ws://user:pass@localhost/", (False, "localhost", 80, "/", ("user", "pass"))),
    ("ws://user:@localhost/", (False, "localhost", 80, "/", ("user", ""))),
    ("ws://:pass@localhost/", (False, "localhost", 80, "/", ("", "pass"))),
    ("ws://us%40er:p%3Aa%2Fss@localhost/", (False, "localhost", 80, "/", ("us@er", "p:a/ss"))),
    ("ws://user:a:b@localhost/", (False, "localhost", 80, "/", ("user", "a:b"))),
    ("ws://user:a@b@localhost/", (False, "localhost", 80, "/", ("user", "a@b"))),
    ("ws://%C3%BC:%E2%82%AC@localhost/", (False, "localhost", 80, "/", ("ü", "€"))),
    ("ws://ü:€@localhost/", (False, "localhost", 80, "/", ("ü", "€"))),
    ("ws://user:100%@localhost/", (False, "localhost", 80, "/", ("user", "100%"))),
    # IP addresses
    ("ws://127.0.0.1:80/", (False, "127.0.0.1", 80, "/", None)),
    ("ws://[::1]/", (False, "::1", 80, "/", None)),
    ("ws://[::1]:8080/", (False, "::1", 8080, "/", None)),
    ("ws://[2001:DB8::A]/", (False, "2001:db8::a", 80, "/", None)),
    ("ws://[::ffff:127.0.0.1]/", (False, "::ffff:127.0.0.1", 80, "/", None)),
    ("ws://[fe80::1%25eth0]/", (False, "fe80::1%eth0", 80, "/", None)),
    ("ws://[fe80::1%25Wi-Fi_2]:1/", (False, "fe80::1%Wi-Fi_2", 1, "/", None)),
    ("ws://[fe80::1%eth0]/", (False, "fe80::1%eth0", 80, "/", None)),
    ("ws://a:b@[::1]:81/c", (False, "::1", 81, "/c", ("a", "b"))),
    # Names
    ("ws://example.com./", (False, "example.com.", 80, "/", None)),
    ("ws://a_b-c~d.example/", (False, "a_b-c~d.example", 80, "/", None)),
    ("ws://ex%61mple.com/", (False, "example.com", 80, "/", None)),
    (f"ws://{'a' * 63}.com/", (False, f"{'a' * 63}.com", 80, "/", None)),
    # IRIs
    ("ws://münchen.de/", (False, "xn--mnchen-3ya.de", 80, "/", None)),
    ("ws://m%C3%BCnchen.de/", (False, "xn--mnchen-3ya.de", 80, "/", None)),
    ("ws://日本語。jp/", (False, "xn--wgv71a119e.jp", 80, "/", None)),
    ("ws://xn--mnchen-3ya.de/", (False, "xn--mnchen-3ya.de", 80, "/", None)),
    ("ws://localhost/é?€=\U0001f600", (False, "localhost", 80, "/%C3%A9?%E2%82%AC=%F0%9F%98%80", None)),
    ("ws://localhost/%C3%A9%zz", (False, "localhost", 80, "/%C3%A9%zz", None)),
]  # fmt: skip

INVALID = [
    "",
    "|",
    "localhost",
    "//localhost/",
    "ws:localhost",
    "ws:/localhost",
    "ws://",
    "ws:///path",
    "ws://?query",
    "ws://:80/",
    "ws://user:pass@/",
    "http://localhost/",
    "https://localhost/",
    "ws+unix://localhost/",
    "wsx://localhost/",
    # "Fragment identifiers [...] MUST NOT be used on these URIs."
    "ws://localhost/#fragment",
    "ws://localhost/path#",
    "ws://localhost#",
    # Half a userinfo, and what cannot be sent of one
    "ws://user@localhost/",
    "ws://@localhost/",
    "ws://us%3Aer:secret@localhost/",
    "ws://user:secret%0A@localhost/",
    "ws://user%00:secret@localhost/",
    "ws://user:secret%9F@localhost/",
    "ws://user:secret%C2%9F@localhost/",
    "ws://user:secret%FF@localhost/",
    "ws://user:sec[ret@localhost/",
    # Ports
    "ws://localhost:0/",
    "ws://localhost:65536/",
    "ws://localhost:99999999999999999999/",
    "ws://localhost:-1/",
    "ws://localhost:+80/",
    "ws://localhost:8_0/",
    "ws://localhost:0x50/",
    "ws://localhost:\u0668\u0660/",
    "ws://localhost:80:80/",
    # IP addresses
    "ws://::1/",
    "ws://[::1/",
    "ws://::1]/",
    "ws://[]/",
    "ws://[127.0.0.1]/",
    "ws://[::g]/",
    "ws://[1:2:3:4:5:6:7:8:9]/",
    "ws://[v1.a]/",
    "ws://[::1]a/",
    "ws://a[::1]/",
    "ws://[fe80::1%25]/",
    "ws://[fe80::1%]/",
    "ws://[fe80::1%25a/b]/",
    # Names
    "ws://a..b/",
    "ws://.a/",
    "ws://./",
    "ws://a../",
    f"ws://{'a' * 64}/",
    f"ws://{'a.' * 127}aa/",
    f"ws://{'ü' * 64}/",
    f"ws://{'ü.' * 200}/",
    "ws://a%2Fb/",
    "ws://a%40b/",
    "ws://a%00b/",
    "ws://a%20b/",
    "ws://%FF/",
    "ws://a%zz/",
    "ws://a<b/",
    "ws://a|b/",
    "ws://a\uff0fb/",
    "ws://\u00ad/",
    # For a browser, a backslash is a slash, and the host of this one is "good".
    "ws://good\\@evil/",
    "ws://good:80\\@evil/",
    "ws://good\\evil/",
    # Spaces and control characters
    " ws://localhost/",
    "ws://localhost/ ",
    "ws://local host/",
    "ws://localhost/a b",
    "ws://localhost/?a b",
    "ws://user:sec ret@localhost/",
    "ws://localhost/\r\nHost: evil",
    "ws://localhost/\n",
    "ws://local\thost/",
    "ws://localhost/\0",
    "ws://localhost/\x7f",
    "ws://localhost/\x85",
    "ws://localhost/\ud800",
]

parts = st.builds(
    WebSocketURI,
    st.booleans(),
    st.from_regex(r"[a-z0-9_~-]{1,20}(\.[a-z0-9]{1,20}){0,3}\.?", fullmatch=True)
    | st.ip_addresses(v=4).map(str)
    | st.ip_addresses(v=6).map(str)
    | st.from_regex(r"fe80::[1-9a-f]{1,4}%[A-Za-z0-9._~-]{1,8}", fullmatch=True),
    st.integers(1, 65535),
    st.from_regex(r"/[!-~]{0,40}", fullmatch=True).filter(lambda target: "#" not in target),
    st.none()
    | st.tuples(
        st.text(st.characters(exclude_categories=["Cc", "Cs"], exclude_characters=":")),
        st.text(st.characters(exclude_categories=["Cc", "Cs"])),
    ),
)


@pytest.mark.parametrize(("uri", "expected"), URIS, ids=[uri for uri, _ in URIS])
def test_a_uri_is_parsed(uri: str, expected: WebSocketURI) -> None:
    assert parse_uri(uri) == expected


@pytest.mark.parametrize("uri", [uri for uri, _ in URIS])
def test_what_a_uri_holds_can_be_sent(uri: str) -> None:
    parsed = parse_uri(uri)
    assert is_target(parsed.resource_name)
    assert build_host(parsed.host, parsed.port, parsed.secure)


@pytest.mark.parametrize("uri", INVALID)
def test_an_invalid_uri_is_refused_and_no_password_shown(uri: str) -> None:
    with pytest.raises(InvalidURI) as caught:
        parse_uri(uri)
    assert " isn't a valid URI" in str(caught.value)
    assert "sec" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("http://localhost/", "the scheme has to be ws, or wss for TLS, not http"),
        ("localhost:8765", "it has to begin with ws:// or wss://"),
        ("user:secret@host://", "it has to begin with ws:// or wss://"),
        ("", "it has to begin with ws:// or wss://"),
        ("ws://localhost/#top", "a fragment, from # on, has to be left out"),
        ("ws://local host/", "spaces and control characters have to be percent-encoded"),
        ("ws:///path", "no host"),
        ("ws://localhost:80:80/", "malformed host or port"),
        ("ws://localhost:99999/", "port is not from 1 to 65535"),
        ("ws://user@localhost/", "user without a password"),
        ("ws://a..b/", "a label is empty or over 63 characters, or the name over 253"),
    ],
)
def test_the_reason_is_said(uri: str, reason: str) -> None:
    with pytest.raises(InvalidURI) as caught:
        parse_uri(uri)
    assert caught.value.reason == reason
    assert str(caught.value).endswith(f" isn't a valid URI: {reason}")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


@pytest.mark.parametrize("uri", ["ws://%FF/", "ws://user:secret%FF@localhost/"])
def test_a_reason_that_may_show_a_password_is_not_said(uri: str) -> None:
    with pytest.raises(InvalidURI) as caught:
        parse_uri(uri)
    assert str(caught.value).endswith(" isn't a valid URI")


@pytest.mark.parametrize(
    ("uri", "kind"),
    [
        (None, "NoneType"),
        (8765, "int"),
        (b"ws://user:secret@localhost/", "bytes"),
        (("localhost", 8765), "tuple"),
    ],
)
def test_what_is_no_text_is_no_uri_and_not_shown(uri: Any, kind: str) -> None:
    with pytest.raises(
        TypeError, match=rf"^a URI is a str such as 'ws://localhost:8765/', not {kind}$"
    ):
        parse_uri(uri)


@pytest.mark.parametrize("uri", [uri for uri, _ in URIS])
def test_building_and_parsing_are_inverse_for_examples(uri: str) -> None:
    parsed = parse_uri(uri)
    assert parse_uri(build_uri(parsed)) == parsed


@given(parts)
def test_building_and_parsing_are_inverse(uri: WebSocketURI) -> None:
    assert parse_uri(build_uri(uri)) == uri


@given(st.text("ws:/@[]%?#.a1\\ é\0", max_size=30))
def test_any_text_is_parsed_or_refused(rest: str) -> None:
    try:
        parsed = parse_uri(f"ws://{rest}")
    except InvalidURI:
        return
    assert parsed.host.isascii()
    assert is_target(parsed.resource_name)


def test_the_fields_are_five_in_the_documented_order() -> None:
    assert WebSocketURI._fields == ("secure", "host", "port", "resource_name", "user_info")
    secure, host, port, resource_name, user_info = parse_uri("wss://a:b@c:1/d")
    assert (secure, host, port, resource_name, user_info) == (True, "c", 1, "/d", ("a", "b"))


def test_repr_shows_no_password() -> None:
    assert repr(parse_uri("ws://user:secret@host/")) == (
        "WebSocketURI(secure=False, host='host', port=80, resource_name='/', "
        "user_info=('user', '***'))"
    )
    assert repr(parse_uri("ws://host/")).endswith("user_info=None)")


def test_a_uri_survives_pickling() -> None:
    uri = parse_uri("ws://user:secret@host/")
    assert pickle.loads(pickle.dumps(uri)) == uri


@pytest.mark.parametrize("host", ["a", "a.", "a@", "a:"])
def test_the_length_of_a_uri_with_a_fragment_makes_no_difference(host: str) -> None:
    with pytest.raises(InvalidURI) as caught:
        parse_uri(f"ws://{host * 150_000}#")
    assert caught.value.reason == "a fragment, from # on, has to be left out"


@pytest.mark.parametrize(
    "uri", ["ws://" + "a@" * 50_000, "ws://h:" + "9" * 100_000, "ws://" + "ü" * 100_000, "ws://[" + ":" * 100_000]
)  # fmt: skip
def test_a_long_uri_takes_linear_time(uri: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidURI):
        parse_uri(uri)
    assert time.perf_counter() - start < 1


def test_a_uri_is_without_userinfo_by_default() -> None:
    assert WebSocketURI(False, "localhost", 80, "/") == parse_uri("ws://localhost/")
