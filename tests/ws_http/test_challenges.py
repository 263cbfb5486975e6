"""Challenges, RFC 7235 §4.1."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import (
    Challenge,
    InvalidHeaderFormat,
    SecurityError,
    build_basic_challenge,
    build_challenges,
    parse_challenges,
)

tokens = st.text("!#$-.^_`|~09azAZ", min_size=1, max_size=8)
texts = st.text([chr(c) for c in [9, *range(32, 127), *range(160, 256)]], max_size=12)
challenges = st.builds(
    Challenge, tokens, st.lists(st.tuples(tokens, texts), min_size=1, max_size=4), st.none()
) | st.builds(
    Challenge, tokens, st.just(()), st.none() | st.text("-._~+/09azAZ", min_size=1, max_size=9)
)


@pytest.mark.parametrize(
    ("header", "parsed"),
    [
        ("Basic", [Challenge("Basic")]),
        ('Basic realm="a"', [Challenge("Basic", [("realm", "a")])]),
        ("Basic realm=a", [Challenge("Basic", [("realm", "a")])]),
        (
            'Basic realm="a, b", charset="UTF-8"',
            [Challenge("Basic", [("realm", "a, b"), ("charset", "UTF-8")])],
        ),
        ("Negotiate dTpw==", [Challenge("Negotiate", (), "dTpw==")]),
        ("Negotiate a=", [Challenge("Negotiate", (), "a=")]),
        ("Negotiate, Basic  a = b", [Challenge("Negotiate"), Challenge("Basic", [("a", "b")])]),
        ("A b, C d", [Challenge("A", (), "b"), Challenge("C", (), "d")]),
        # The example of RFC 7235 §4.1.
        (
            'Newauth realm="apps", type=1, title="Login to \\"apps\\"", Basic realm="simple"',
            [
                Challenge(
                    "Newauth", [("realm", "apps"), ("type", "1"), ("title", 'Login to "apps"')]
                ),
                Challenge("Basic", [("realm", "simple")]),
            ],
        ),
    ],
)
def test_challenges_are_parsed(header: str, parsed: list[Challenge]) -> None:
    assert parse_challenges(header) == parsed
    assert parse_challenges(build_challenges(parsed)) == parsed


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", "expected token at 0"),
        ("realm=a", "expected scheme at 0"),
        ("Basic realm a", "expected equals sign at 12"),
        ("Basic realm=a b=c", "expected comma at 14"),
        ('Basic realm="', "expected quoted string at 12"),
        ("Basic =", "expected token at 7"),
        ("Negotiate dTpw, a=b", "expected scheme at 16"),
    ],
)
def test_a_malformed_challenge_is_refused_with_the_position(header: str, error: str) -> None:
    with pytest.raises(InvalidHeaderFormat, match=f"^invalid WWW-Authenticate header: {error} in"):
        parse_challenges(header)


def test_challenges_have_a_limit() -> None:
    with pytest.raises(SecurityError):
        parse_challenges("A " + "b=c," * 129)


@given(st.lists(challenges, min_size=1, max_size=5))
def test_building_and_parsing_challenges_are_inverse(parsed: list[Challenge]) -> None:
    assert parse_challenges(build_challenges(parsed)) == parsed


@pytest.mark.parametrize(
    "challenge",
    [
        Challenge(""),
        Challenge("a b"),
        Challenge("Basic", [("realm ", "a")]),
        Challenge("Basic", [("realm", "a\r\nb")]),
        Challenge("Basic", [("realm", "\u20ac")]),
        Challenge("Basic", [], "a b"),
        Challenge("Basic", [], ""),
        Challenge("Basic", [("realm", "a")], "a"),
    ],
)
def test_what_cannot_stand_in_a_challenge_is_refused(challenge: Challenge) -> None:
    with pytest.raises(ValueError, match=r"challenge|quoted string"):
        build_challenges([challenge])


def test_the_challenge_of_basic_authentication_says_utf_8() -> None:
    assert build_basic_challenge("a") == 'Basic realm="a", charset="UTF-8"'
    assert build_basic_challenge('"\\') == 'Basic realm="\\"\\\\", charset="UTF-8"'
