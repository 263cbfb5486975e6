"""Header values by the names that their functions had."""

from __future__ import annotations

from ws_compat.headers import (
    build_authorization_basic,
    build_extension_list,
    build_subprotocol_list,
    build_www_authenticate_basic,
    parse_authorization_basic,
    parse_extension_list,
    parse_subprotocol_list,
)


def test_credentials_go_both_ways() -> None:
    value = build_authorization_basic("Aladdin", "open sesame")
    assert value == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617 §2
    assert parse_authorization_basic(value) == ("Aladdin", "open sesame")


def test_a_challenge_names_the_realm() -> None:
    assert build_www_authenticate_basic("Lair") == 'Basic realm="Lair", charset="UTF-8"'


def test_extensions_go_both_ways() -> None:
    extensions = parse_extension_list("a; b=1; c, d")
    assert extensions == [("a", [("b", "1"), ("c", None)]), ("d", [])]
    assert build_extension_list(extensions) == "a; b=1; c, d"


def test_subprotocols_go_both_ways() -> None:
    assert build_subprotocol_list(parse_subprotocol_list("chat , superchat")) == "chat, superchat"
