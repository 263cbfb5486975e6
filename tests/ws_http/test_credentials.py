"""Basic authentication, RFC 7617."""

from __future__ import annotations

import base64
import hmac
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ws_http import (
    Credentials,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    build_basic_auth,
    credentials_checker,
    parse_basic_auth,
)

characters = st.characters(exclude_categories=["Cc", "Cs"])
users = st.text(characters).filter(lambda user: ":" not in user)

#: Users, passwords, and headers; the first two are the examples of RFC 7617 §2 and §2.1.
VECTORS = [
    ("Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="),
    ("test", "123£", "Basic dGVzdDoxMjPCow=="),
    ("", "", "Basic Og=="),
    ("a", "b:c", "Basic YTpiOmM="),
]


@pytest.mark.parametrize(("user", "password", "header"), VECTORS)
def test_credentials_are_built_and_parsed(user: str, password: str, header: str) -> None:
    assert build_basic_auth(user, password) == header
    assert parse_basic_auth(header) == (user, password)


@pytest.mark.parametrize("header", ["basic Og==", "BASIC Og==", "Basic   Og=="])
def test_the_scheme_is_case_insensitive(header: str) -> None:
    assert parse_basic_auth(header) == ("", "")


@given(users, st.text(characters))
def test_building_and_parsing_are_inverse(user: str, password: str) -> None:
    assert parse_basic_auth(build_basic_auth(user, password)) == (user, password)


@pytest.mark.parametrize(
    ("user", "password"),
    [
        ("a:b", "secret"),
        ("a\0", "secret"),
        ("a", "secret\n"),
        ("a", "secret\x9f"),
        ("a", "secret\ud800"),
    ],
)
def test_credentials_that_cannot_be_sent_are_refused_and_not_shown(
    user: str, password: str
) -> None:
    with pytest.raises(ValueError, match="of basic authentication has a") as caught:
        build_basic_auth(user, password)
    assert "secret" not in repr(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def encode(credentials: bytes) -> str:
    return "Basic " + base64.b64encode(credentials).decode()


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("", InvalidHeaderFormat),
        ("Basic", InvalidHeaderFormat),
        ("Basic ", InvalidHeaderFormat),
        ("Basic é", InvalidHeaderFormat),
        ("Basic Og== Og==", InvalidHeaderFormat),
        ("Basic Og==,", InvalidHeaderFormat),
        ("Digest username=a", InvalidHeaderValue),
        ("c2VjcmV0 x", InvalidHeaderValue),
        ("Basic c2VjcmV0", InvalidHeaderValue),
        ("Basic Og=", InvalidHeaderValue),
        ("Basic O", InvalidHeaderValue),
        ("Basic O-g=", InvalidHeaderValue),
        (encode(b"secret:\xff"), InvalidHeaderValue),
        (encode(b"secret"), InvalidHeaderValue),
        (encode(b"secret:\0"), InvalidHeaderValue),
        (encode(b"secret\n:"), InvalidHeaderValue),
        (encode(b"secret:\xc2\x9b"), InvalidHeaderValue),
    ],
)
def test_credentials_that_are_none_are_refused_and_not_shown(
    header: str, error: type[InvalidHeader]
) -> None:
    with pytest.raises(error) as caught:
        parse_basic_auth(header)
    assert str(caught.value).startswith("invalid Authorization header")
    assert "c2Vj" not in str(caught.value)
    assert "secret" not in repr(caught.value)
    assert caught.value.__context__ is None


@pytest.mark.parametrize(
    "credentials",
    [
        ("user", "pass"),
        ["user", "pass"],
        [("user", "pass")],
        iter([("other", ""), ("user", "pass")]),
    ],
    ids=["pair", "list", "pairs", "iterator"],
)
def test_credentials_are_checked_against(credentials: Credentials) -> None:
    check = credentials_checker(credentials)
    assert check("user", "pass")
    assert check("user", "pass")
    assert not check("user", "")
    assert not check("user", "passe")
    assert not check("user", "Pass")
    assert not check("nobody", "pass")
    assert not check("", "")


def test_a_user_may_have_several_passwords() -> None:
    pairs = [("user", "new"), ("other", "pass"), ("user", "old"), ("user", "older")]
    check = credentials_checker(pairs)
    accepted = [(user, password) for user, password in pairs if check(user, password)]
    assert accepted == pairs
    assert not check("user", "pass")
    assert not check("other", "old")
    assert not check("nobody", "new")


def test_as_many_passwords_are_compared_whoever_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    check = credentials_checker([("user", "new"), ("user", "old"), ("other", "pass")])
    compare, compared = hmac.compare_digest, []

    def compare_digest(digest: bytes, known: bytes) -> bool:
        compared.append(known)
        return compare(digest, known)

    monkeypatch.setattr(hmac, "compare_digest", compare_digest)
    asked = [("user", "new"), ("user", "old"), ("user", ""), ("other", "pass"), ("nobody", "pass")]
    assert [check(*pair) for pair in asked] == [True, True, False, True, False]
    assert len(compared) == 2 * len(asked)


def test_nobody_may_be_let_in() -> None:
    assert not credentials_checker([])("", "")


def test_passwords_need_not_be_ascii() -> None:
    check = credentials_checker(("é", "\ud800€"))
    assert check("é", "\ud800€")
    assert not check("é", "€")


@pytest.mark.parametrize(
    "credentials",
    [
        None,
        1,
        "up",
        b"up",
        ("user",),
        ("a", "b", "c"),
        [("user", 1)],
        [("a", "b"), "cd"],
        {"a": "b"},
    ],
)
def test_what_are_no_credentials_is_a_type_error(credentials: object) -> None:
    with pytest.raises(TypeError, match="credentials must be"):
        credentials_checker(cast("Credentials", credentials))
