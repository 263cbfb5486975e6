"""The grammar that header values share, RFC 7230 §3.2.6 and §7."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import InvalidHeaderFormat, SecurityError
from ws_http.grammar import MAX_ITEMS, Scanner, build_quoted_string, is_token, is_token68

quotable = st.text([chr(c) for c in [9, *range(32, 127), *range(128, 256)]])


@pytest.mark.parametrize(
    ("value", "items"),
    [
        ("a", ["a"]),
        ("a,b", ["a", "b"]),
        ("a, b", ["a", "b"]),
        ("a\t ,\t b", ["a", "b"]),
        (",a", ["a"]),
        ("a,", ["a"]),
        (" ,, a ,,\t, b , ", ["a", "b"]),
        ("!#$%&'*+-.^_`|~09azAZ", ["!#$%&'*+-.^_`|~09azAZ"]),
    ],
)
def test_a_list_is_read(value: str, items: list[str]) -> None:
    assert Scanner("A", value).items(Scanner.token) == items


@pytest.mark.parametrize(
    ("value", "error"),
    [
        ("", "expected token at 0 in "),
        (",", "expected token at 1 in ,"),
        (" \t", "expected token at 2 in  \\t"),
        ("a b", "expected comma at 2 in a b"),
        ("a;", "expected comma at 1 in a;"),
        ("a, ;", "expected token at 3 in a, ;"),
        ('"a"', 'expected token at 0 in "a"'),
        ("é", "expected token at 0 in é"),
        ("a\0", "expected comma at 1 in a\\x00"),
    ],
)
def test_what_is_no_list_is_refused_with_the_position(value: str, error: str) -> None:
    with pytest.raises(InvalidHeaderFormat) as caught:
        Scanner("A", value).items(Scanner.token)
    assert str(caught.value) == f"invalid A header: {error}"


def test_the_value_of_a_credential_is_not_kept_in_an_error() -> None:
    with pytest.raises(InvalidHeaderFormat) as caught:
        Scanner("Authorization", "secret=").items(Scanner.token)
    assert "secret" not in repr(caught.value)


def test_a_list_has_a_limit() -> None:
    value = ",".join("a" * MAX_ITEMS)
    assert len(Scanner("A", value).items(Scanner.token)) == MAX_ITEMS
    with pytest.raises(SecurityError, match=r"^over 128 items in A header$"):
        Scanner("A", f"{value},a").items(Scanner.token)


@pytest.mark.parametrize(
    ("value", "string"),
    [
        ('""', ""),
        ('"a"', "a"),
        ('"a b\tc"', "a b\tc"),
        (r'"a\"b\\c\d"', 'a"b\\cd'),
        ('"é,;="', "é,;="),
    ],
)
def test_a_quoted_string_is_read(value: str, string: str) -> None:
    scanner = Scanner("A", value)
    assert scanner.token_or_quoted_string() == string
    assert scanner.at_end()


@pytest.mark.parametrize(
    "value", ["a", '"', '"a', '"a\\"', '"\0"', '"\r"', '"\\\0"', '"\x7f"', '"\u20ac"']
)
def test_what_is_no_quoted_string_is_refused(value: str) -> None:
    with pytest.raises(InvalidHeaderFormat, match="expected quoted string at 0"):
        Scanner("A", value).quoted_string()


@pytest.mark.parametrize(
    ("value", "string", "rest"),
    [
        (r'"\\", "\x"', "\\", r', "\x"'),
        (r'"\\\"" "', '\\"', ' "'),
        (r'"\\\\\a" \"', r"\\a", r" \""),
        (r'"a" "\"', "a", r' "\"'),
        (f'"{"a" * 62}\\" "', "a" * 62 + '" ', ""),  # the pair is on the edge of a piece
        (f'"{"a" * 63}\\" "', "a" * 63 + '" ', ""),
        (f'"{"a" * 64}\\\\" "', "a" * 64 + "\\", ' "'),
    ],
)
def test_a_quoted_string_ends_at_a_quote_that_is_not_escaped(
    value: str, string: str, rest: str
) -> None:
    scanner = Scanner("A", value)
    assert scanner.quoted_string() == string
    assert value[scanner.pos :] == rest


def test_a_token_is_read_where_a_quoted_string_may_stand() -> None:
    assert Scanner("A", "a").token_or_quoted_string() == "a"


@given(quotable)
def test_building_and_reading_a_quoted_string_are_inverse(text: str) -> None:
    assert Scanner("A", build_quoted_string(text)).quoted_string() == text


@pytest.mark.parametrize("text", ["\0", "\r", "a\nb", "\x7f", "\u20ac"])
def test_what_cannot_be_quoted_is_refused_and_not_shown(text: str) -> None:
    with pytest.raises(ValueError, match="quoted string has") as caught:
        build_quoted_string(f"secret{text}")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("value", ['"' + "\\" * 65_535, '"' + "a" * 65_535, '"' + "a\\a" * 21_845])
def test_an_open_quote_takes_linear_time(value: str) -> None:
    start = time.perf_counter()
    with pytest.raises(InvalidHeaderFormat):
        Scanner("A", value).quoted_string()
    assert time.perf_counter() - start < 1


def test_one_character_with_white_space_around_it_is_skipped() -> None:
    scanner = Scanner("A", "a \t; b")
    scanner.token()
    assert not scanner.skip(",")
    assert scanner.skip(";")
    assert scanner.token() == "b"


def test_tokens_are_told_from_other_texts() -> None:
    assert is_token("permessage-deflate")
    assert not any(is_token(text) for text in ["", "a b", "a=", '"a"', "é", "a\n"])


def test_token68_is_told_from_other_texts() -> None:
    assert all(is_token68(text) for text in ["a", "dTpw", "a-._~+/9==", "a="])
    assert not any(is_token68(text) for text in ["", "=", "a=b", "a b", "é", "a\n"])
    assert Scanner("A", "dTpw= ").token68() == "dTpw="
