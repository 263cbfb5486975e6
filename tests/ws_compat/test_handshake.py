"""The functions that make and judge the core of a handshake, with headers of any kind."""

from __future__ import annotations

from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any, Callable

import pytest

from ws_compat.handshake import build_request, build_response, check_request, check_response
from ws_http import Headers, InvalidHeader, InvalidUpgrade

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

KEY = "dGhlIHNhbXBsZSBub25jZQ=="  # RFC 6455 §1.3
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

REQUEST = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}
RESPONSE = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": ACCEPT}


class GetAll:
    """What a framework has for headers."""

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers

    def get_all(self, name: str) -> list[str] | None:
        values = [value for key, value in self.headers.items() if key.lower() == name.lower()]
        return values or None


def message(headers: dict[str, str]) -> HTTPMessage:
    """What headers were before 6.0."""
    made = HTTPMessage()
    for name, value in headers.items():
        made[name] = value
    return made


def lower(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


any_headers = pytest.mark.parametrize("kind", [Headers, dict, lower, GetAll, message])


@any_headers
def test_a_request_is_judged(kind: Callable[[dict[str, str]], Any]) -> None:
    assert check_request(kind(REQUEST)) == KEY


@any_headers
def test_a_request_for_something_else_is_refused(kind: Callable[[dict[str, str]], Any]) -> None:
    with pytest.raises(InvalidUpgrade, match="missing Connection header"):
        check_request(kind({"Host": "example.com"}))


@any_headers
def test_a_response_is_judged(kind: Callable[[dict[str, str]], Any]) -> None:
    check_response(kind(RESPONSE), KEY)
    with pytest.raises(InvalidHeader, match="invalid Sec-WebSocket-Accept header"):
        check_response(kind(RESPONSE), KEY[::-1])


@pytest.mark.parametrize("kind", [Headers, dict, HTTPMessage])
def test_what_is_built_is_what_is_judged(kind: Callable[[], Any]) -> None:
    request, response = kind(), kind()
    key = build_request(request)
    assert check_request(request) == key
    build_response(response, key)
    check_response(response, key)


def test_building_leaves_other_headers_alone() -> None:
    headers = Headers(Host="example.com")
    build_response(headers, KEY)
    assert next(headers.raw_items()) == ("Host", "example.com")
    assert headers["Sec-WebSocket-Accept"] == ACCEPT


def test_a_function_that_gets_a_header_is_deprecated_and_works(deprecated: Deprecated) -> None:
    text = "passing get_header, a function, is deprecated; pass ws_http.Headers"
    with deprecated(text, at="check_request(REQUEST"):
        assert check_request(REQUEST.__getitem__) == KEY
    with pytest.deprecated_call():
        check_response(lambda name: RESPONSE.get(name, ""), KEY)


def test_a_function_that_gets_no_header_is_as_good_as_none() -> None:
    with pytest.deprecated_call(), pytest.raises(InvalidUpgrade):
        check_request({}.__getitem__)
    with pytest.deprecated_call(), pytest.raises(InvalidUpgrade):
        check_request(lambda name: "")


def test_a_function_that_sets_a_header_is_deprecated_and_works(deprecated: Deprecated) -> None:
    headers: dict[str, str] = {}
    text = "passing set_header, a function, is deprecated; pass ws_http.Headers"
    with deprecated(text, at="build_request(headers."):
        key = build_request(headers.__setitem__)
    assert check_request(headers) == key
    with pytest.deprecated_call():
        build_response(headers.__setitem__, key)
    check_response(headers, key)
