"""The header fields of the opening handshake."""

from __future__ import annotations

from typing import Callable, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import (
    ExtensionHeader,
    InvalidHeaderFormat,
    SecurityError,
    Subprotocol,
    build_extension,
    build_host,
    build_subprotocol,
    parse_connection,
    parse_extension,
    parse_subprotocol,
    parse_upgrade,
    validate_subprotocols,
)
from ws_http.fields import is_host, parse_content_length

tokens = st.text(
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    min_size=1,
    max_size=12,
)
extensions = st.lists(
    st.tuples(tokens, st.lists(st.tuples(tokens, st.none() | tokens), max_size=4)),
    min_size=1,
    max_size=8,
)


def test_connection_options_are_tokens() -> None:
    assert parse_connection("Upgrade") == ["Upgrade"]
    assert parse_connection("keep-alive, Upgrade") == ["keep-alive", "Upgrade"]


def test_upgrade_protocols_may_have_a_version() -> None:
    assert parse_upgrade("websocket") == ["websocket"]
    assert parse_upgrade("h2c, HTTP/2.0,websocket") == ["h2c", "HTTP/2.0", "websocket"]


#: Headers, and what they hold. The first ones are the examples of RFC 6455 §9.1.
EXTENSIONS: list[tuple[str, list[tuple[str, list[tuple[str, str | None]]]]]] = [
    ("foo", [("foo", [])]),
    ("foo, bar; baz=2", [("foo", []), ("bar", [("baz", "2")])]),
    ("deflate-stream", [("deflate-stream", [])]),
    (
        "mux; max-channels=4; flow-control, deflate-stream",
        [("mux", [("max-channels", "4"), ("flow-control", None)]), ("deflate-stream", [])],
    ),
    ("private-extension", [("private-extension", [])]),
    (
        "foo, bar;baz ; qux=1 ,, foo",
        [("foo", []), ("bar", [("baz", None), ("qux", "1")]), ("foo", [])],
    ),
    ('foo; bar="baz"', [("foo", [("bar", "baz")])]),
    (r'foo; bar="b\az"', [("foo", [("bar", "baz")])]),
    ("foo; bar = baz", [("foo", [("bar", "baz")])]),
    ("foo\t;\tbar=1;bar=2", [("foo", [("bar", "1"), ("bar", "2")])]),
]


@pytest.mark.parametrize(("header", "parsed"), EXTENSIONS)
def test_extensions_are_parsed(header: str, parsed: list[ExtensionHeader]) -> None:
    assert parse_extension(header) == parsed
    assert parse_extension(build_extension(parsed)) == parsed


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", "expected token at 0 in "),
        ("foo;", "expected token at 4 in foo;"),
        ("foo bar", "expected comma at 4 in foo bar"),
        ("foo; bar=", "expected token at 9 in foo; bar="),
        ('foo; bar="', 'expected quoted string at 9 in foo; bar="'),
        ('foo; bar=""', 'expected token in quoted string at 9 in foo; bar=""'),
        ('foo; bar="a b"', 'expected token in quoted string at 9 in foo; bar="a b"'),
        ("foo; bar=|=", "expected comma at 10 in foo; bar=|="),
        ("foo; =1", "expected token at 5 in foo; =1"),
        ("foo/1", "expected comma at 3 in foo/1"),
        ('"foo"', 'expected token at 0 in "foo"'),
    ],
)
def test_a_malformed_extension_is_refused_with_the_position(header: str, error: str) -> None:
    with pytest.raises(InvalidHeaderFormat) as caught:
        parse_extension(header)
    assert str(caught.value) == f"invalid Sec-WebSocket-Extensions header: {error}"


@pytest.mark.parametrize("header", ["a," * 129, "a" + ";b" * 128, "a;b," * 65])
def test_extensions_and_their_parameters_have_a_limit(header: str) -> None:
    with pytest.raises(SecurityError, match="over 128 items"):
        parse_extension(header)


@given(extensions)
def test_building_and_parsing_extensions_are_inverse(parsed: list[ExtensionHeader]) -> None:
    assert parse_extension(build_extension(parsed)) == parsed


@pytest.mark.parametrize(
    "extension",
    [
        ("", []),
        ("a b", []),
        ("a", [("", None)]),
        ("a", [("b,", None)]),
        ("a", [("b", "")]),
        ("a", [("b", "c\r\n")]),
    ],
)
def test_an_extension_that_cannot_be_sent_is_refused(extension: ExtensionHeader) -> None:
    with pytest.raises(ValueError, match="part of an extension is not a token"):
        build_extension([extension])


@pytest.mark.parametrize("value", [12, b"12", True])
def test_a_parameter_that_is_no_str_is_a_type_error(value: str) -> None:
    with pytest.raises(TypeError, match="part of an extension must be str, not"):
        build_extension([cast("ExtensionHeader", ("a", [("b", value)]))])


def test_subprotocols_are_tokens() -> None:
    assert parse_subprotocol("chat, superchat") == ["chat", "superchat"]
    assert build_subprotocol(cast("list[Subprotocol]", ["chat", "superchat"])) == "chat, superchat"


@given(st.lists(tokens, min_size=1, max_size=12, unique=True))
def test_building_and_parsing_subprotocols_are_inverse(names: list[Subprotocol]) -> None:
    assert parse_subprotocol(build_subprotocol(names)) == names


@pytest.mark.parametrize("parse", [parse_connection, parse_upgrade, parse_subprotocol])
@pytest.mark.parametrize("header", ["", ",", "a b", "a;b", '"a"', "é", "a\r\nb"])
def test_what_is_no_list_of_tokens_is_refused(
    parse: Callable[[str], list[str]], header: str
) -> None:
    with pytest.raises(InvalidHeaderFormat):
        parse(header)


@pytest.mark.parametrize(
    "subprotocols", [[""], ["a b"], ["a,b"], ["a\r\nb"], ["é"], ["a", "b", "a"]]
)
def test_subprotocols_that_cannot_be_sent_are_refused(subprotocols: list[Subprotocol]) -> None:
    with pytest.raises(ValueError, match="subprotocol"):
        validate_subprotocols(subprotocols)


@pytest.mark.parametrize("subprotocols", ["chat", b"chat", [1], [b"chat"], [None]])
def test_what_is_no_list_of_str_is_a_type_error(subprotocols: list[Subprotocol]) -> None:
    with pytest.raises(TypeError, match="must be"):
        build_subprotocol(subprotocols)


@pytest.mark.parametrize(
    ("host", "port", "secure", "header"),
    [
        ("localhost", 80, False, "localhost"),
        ("localhost", 443, True, "localhost"),
        ("localhost", 443, False, "localhost:443"),
        ("localhost", 80, True, "localhost:80"),
        ("127.0.0.1", 8080, False, "127.0.0.1:8080"),
        ("::1", 80, False, "[::1]"),
        ("::1", 8080, False, "[::1]:8080"),
        ("fe80::1%eth0", 80, False, "[fe80::1]"),
    ],
)
def test_a_host_header_is_built(host: str, port: int, secure: bool, header: str) -> None:
    assert build_host(host, port, secure) == header
    assert is_host(header)


@pytest.mark.parametrize(
    "host", ["", "a b", "a\r\nX: y", "a/b", "a@b", "[::1]", "é", "a\0", "::1\r\n", "::1]"]
)
def test_a_host_that_cannot_be_sent_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match="host"):
        build_host(host, 80, False)


@pytest.mark.parametrize(
    "value", ["", "a", "a:80", "a:", "[::1]:80", "[v1.a:b]", "a.b-c_d~", "%41", "127.0.0.1"]
)
def test_a_host_header_may_be(value: str) -> None:
    assert is_host(value)


@pytest.mark.parametrize(
    "value", ["a b", "a:b", "a:80:80", "::1", "[::1", "a/", "u@a", "[a b]", "é", "a,b:x", "[]"]
)
def test_a_host_header_may_not_be(value: str) -> None:
    assert not is_host(value)


@pytest.mark.parametrize(
    ("value", "length"), [("0", 0), ("5", 5), ("0123", 123), ("9" * 18, 10**18 - 1)]
)
def test_a_content_length_is_a_number(value: str, length: int) -> None:
    assert parse_content_length(value) == length


@pytest.mark.parametrize(
    "value", ["", "+5", "-5", "1_0", "5 ", " 5", "0x5", "5, 5", "\u0665", "²", "9" * 19]
)
def test_what_int_takes_besides_is_no_content_length(value: str) -> None:
    assert parse_content_length(value) is None
