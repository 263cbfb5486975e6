"""The headers that ask for a WebSocket, and those that agree, RFC 6455 §4."""

from __future__ import annotations

from typing import cast

import pytest

from ws_http import (
    Headers,
    InvalidHandshake,
    InvalidHeader,
    InvalidHeaderFormat,
    InvalidHeaderValue,
    InvalidOrigin,
    InvalidUpgrade,
    Origin,
    SecurityError,
    build_request,
    build_response,
    check_origin,
    check_request,
    check_response,
)
from ws_http.upgrade import OWN_HEADERS, add_extra_headers, replace_headers, single_value

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

REQUEST = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}
RESPONSE = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Accept": ACCEPT}

#: Values of one header of a request, None for its absence, that are as good as the usual one.
GOOD_REQUESTS = [
    ("Connection", ["upgrade"]),
    ("Connection", ["keep-alive, Upgrade"]),
    ("Connection", ["keep-alive", "UPGRADE"]),
    ("Connection", ["", ", upgrade,"]),
    ("Upgrade", ["WebSocket"]),
    ("Upgrade", ["h2c, websocket"]),
    ("Upgrade", ["h2c", "websocket"]),
]

#: The same, of those that are not, and the exceptions.
BAD_REQUESTS: list[tuple[str, list[str], type[InvalidHandshake], str]] = [
    ("Connection", [], InvalidUpgrade, "missing Connection header"),
    ("Connection", ["keep-alive"], InvalidUpgrade, "invalid Connection header: keep-alive"),
    ("Connection", ["a", "b"], InvalidUpgrade, "invalid Connection header: a, b"),
    ("Connection", [""], InvalidUpgrade, "empty Connection header"),
    ("Connection", ["", "\t, ,"], InvalidUpgrade, "empty Connection header"),
    ("Connection", ["="], InvalidHeaderFormat, "expected token at 0"),
    ("Connection", ["a b"], InvalidHeaderFormat, "expected comma at 2"),
    ("Connection", ["a,b," * 33] * 2, SecurityError, "over 128 items"),
    ("Upgrade", [], InvalidUpgrade, "missing Upgrade header"),
    ("Upgrade", [""], InvalidUpgrade, "empty Upgrade header"),
    ("Upgrade", [","], InvalidUpgrade, "empty Upgrade header"),
    ("Upgrade", ["h2c"], InvalidUpgrade, "invalid Upgrade header: h2c"),
    ("Upgrade", ["websocket/13"], InvalidUpgrade, "invalid Upgrade header: websocket/13"),
    ("Upgrade", ["websocketx"], InvalidUpgrade, "invalid Upgrade header: websocketx"),
    ("Upgrade", ["web\u017focket"], InvalidHeaderFormat, "expected comma at 3"),
    ("Sec-WebSocket-Version", [], InvalidHeader, "missing Sec-WebSocket-Version header"),
    ("Sec-WebSocket-Version", ["13", "13"], InvalidHeader, "Version header: 2 of them"),
    ("Sec-WebSocket-Version", ["12"], InvalidHeaderValue, "Version header: 12"),
    ("Sec-WebSocket-Version", ["013"], InvalidHeaderValue, "Version header: 013"),
    ("Sec-WebSocket-Version", ["13, 8"], InvalidHeaderValue, "Version header: 13, 8"),
    ("Sec-WebSocket-Version", [""], InvalidHeaderValue, "empty Sec-WebSocket-Version header"),
    ("Sec-WebSocket-Key", [], InvalidHeader, "missing Sec-WebSocket-Key header"),
    ("Sec-WebSocket-Key", [KEY, KEY], InvalidHeader, "Key header: 2 of them"),
    ("Sec-WebSocket-Key", [""], InvalidHeaderValue, "empty Sec-WebSocket-Key header"),
    ("Sec-WebSocket-Key", ["c2VjcmV0"], InvalidHeaderValue, "Key header: c2VjcmV0"),
    ("Sec-WebSocket-Key", ["!"], InvalidHeaderValue, "Key header: !"),
]

BAD_RESPONSES: list[tuple[str, list[str], type[InvalidHandshake], str]] = [
    ("Connection", [], InvalidUpgrade, "missing Connection header"),
    ("Connection", [""], InvalidUpgrade, "empty Connection header"),
    ("Connection", ["close"], InvalidUpgrade, "invalid Connection header: close"),
    ("Upgrade", [], InvalidUpgrade, "missing Upgrade header"),
    ("Upgrade", ["h2c"], InvalidUpgrade, "invalid Upgrade header: h2c"),
    ("Upgrade", [""], InvalidUpgrade, "empty Upgrade header"),
    ("Upgrade", ["websocket, h2c"], InvalidUpgrade, "invalid Upgrade header: websocket, h2c"),
    ("Upgrade", ["websocket"] * 2, InvalidUpgrade, "invalid Upgrade header: websocket, websocket"),
    ("Sec-WebSocket-Accept", [], InvalidHeader, "missing Sec-WebSocket-Accept header"),
    ("Sec-WebSocket-Accept", [ACCEPT] * 2, InvalidHeader, "Accept header: 2 of them"),
    ("Sec-WebSocket-Accept", [KEY], InvalidHeaderValue, f"Accept header: {KEY}"),
    ("Sec-WebSocket-Accept", [ACCEPT.lower()], InvalidHeaderValue, "invalid Sec-WebSocket-Accept"),
]


def replaced(headers: dict[str, str], name: str, values: list[str]) -> Headers:
    others = [item for item in headers.items() if item[0] != name]
    return Headers.from_checked([*others, *((name, value) for value in values)])


def test_a_request_that_was_built_is_accepted() -> None:
    headers = Headers()
    key = build_request(headers)
    assert check_request(headers) == key
    answer = Headers()
    build_response(answer, key)
    check_response(answer, key)


def test_the_example_of_the_rfc_is_accepted() -> None:
    assert check_request(Headers(REQUEST)) == KEY
    check_response(Headers(RESPONSE), KEY)
    answer = Headers()
    build_response(answer, KEY)
    assert answer == Headers(RESPONSE)


@pytest.mark.parametrize(("name", "values"), GOOD_REQUESTS)
def test_a_request_may_have(name: str, values: list[str]) -> None:
    assert check_request(replaced(REQUEST, name, values)) == KEY


@pytest.mark.parametrize(("name", "values", "error", "text"), BAD_REQUESTS)
def test_a_request_may_not_have(
    name: str, values: list[str], error: type[InvalidHandshake], text: str
) -> None:
    with pytest.raises(error) as caught:
        check_request(replaced(REQUEST, name, values))
    assert type(caught.value) is error
    assert text in str(caught.value)


@pytest.mark.parametrize(("name", "values", "error", "text"), BAD_RESPONSES)
def test_a_response_may_not_have(
    name: str, values: list[str], error: type[InvalidHandshake], text: str
) -> None:
    with pytest.raises(error) as caught:
        check_response(replaced(RESPONSE, name, values), KEY)
    assert type(caught.value) is error
    assert text in str(caught.value)


@pytest.mark.parametrize("name", ["connection", "Upgrade"])
def test_a_response_is_case_insensitive(name: str) -> None:
    check_response(Headers({**RESPONSE, "Upgrade": "WebSocket", "Connection": "a, upgrade"}), KEY)


ORIGINS = cast("list[Origin | None]", ["http://a", "null", None])


@pytest.mark.parametrize("origin", ["http://a", "null", None])
def test_an_origin_is_accepted(origin: str | None) -> None:
    headers = Headers() if origin is None else Headers(Origin=origin)
    assert check_origin(headers, ORIGINS) == origin
    assert check_origin(headers, None) == origin
    assert check_origin(headers) == origin


@pytest.mark.parametrize(
    "origin", ["http://b", "http://a/", "http://A", "https://a", "http://a:80", "", "None"]
)
def test_an_origin_is_not_accepted(origin: str) -> None:
    with pytest.raises(InvalidOrigin) as caught:
        check_origin(Headers(Origin=origin), ORIGINS)
    assert caught.value.value == origin


def test_a_missing_origin_is_accepted_only_where_none_is_listed() -> None:
    with pytest.raises(InvalidOrigin, match="missing Origin header"):
        check_origin(Headers(), [Origin("http://a")])
    with pytest.raises(InvalidOrigin, match="missing Origin header"):
        check_origin(Headers(), [])


def test_origins_that_are_a_string_are_a_type_error() -> None:
    with pytest.raises(TypeError, match="origins must be a list"):
        check_origin(Headers(Origin="http://a"), cast("list[Origin | None]", "http://a.b"))


def test_several_origins_are_never_accepted() -> None:
    headers = Headers([("Origin", "http://a"), ("Origin", "http://a")])
    for origins in (ORIGINS, None):
        with pytest.raises(InvalidHeader, match="invalid Origin header: 2 of them"):
            check_origin(headers, origins)


def test_a_single_value_may_be_empty() -> None:
    assert single_value(Headers(A=""), "a") == ""


def test_replacing_takes_the_place_of_namesakes() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3")])
    replaced = replace_headers(headers, Headers([("A", "4"), ("C", "5"), ("A", "6")]))
    assert list(replaced.raw_items()) == [("B", "2"), ("A", "4"), ("C", "5"), ("A", "6")]
    assert len(list(headers.raw_items())) == 3


def test_extra_headers_take_the_place_of_namesakes() -> None:
    headers = Headers(Server="a")
    assert add_extra_headers(headers, None) is headers
    assert add_extra_headers(headers, {"server": "b"}) == Headers(Server="b")
    assert add_extra_headers(headers, [("X", "1"), ("X", "2")]).get_all("X") == ["1", "2"]


@pytest.mark.parametrize("name", sorted(OWN_HEADERS))
def test_extra_headers_cannot_be_those_of_the_handshake(name: str) -> None:
    with pytest.raises(ValueError, match=f"the {name} header is the handshake's own"):
        add_extra_headers(Headers(), {name.title(): "secret"})
