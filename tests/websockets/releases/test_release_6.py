"""6.0, of July 16, 2018: Headers take the place of http.client.HTTPMessage."""

from __future__ import annotations

import asyncio
from http.client import HTTPMessage
from typing import TYPE_CHECKING, Any

import pytest

import websockets

if TYPE_CHECKING:
    from tests.websockets.releases.conftest import Running


async def test_process_request_receives_headers(running: Running) -> None:
    # "process_request() now receives a Headers instead of a http.client.HTTPMessage in the
    # request_headers argument."
    seen: list[Any] = []

    class Server(websockets.WebSocketServerProtocol):
        async def process_request(self, path: str, request_headers: websockets.Headers) -> None:
            seen.append((type(request_headers), request_headers["host"]))

    async with running(create_protocol=Server) as uri, websockets.connect(uri):
        assert seen == [(websockets.Headers, uri[5:-1])]


async def test_connections_have_headers(running: Running) -> None:
    # "The request_headers and response_headers attributes of WebSocketCommonProtocol are
    # Headers instead of http.client.HTTPMessage."
    async with running() as uri, websockets.connect(uri) as websocket:
        assert type(websocket.request_headers) is websockets.Headers
        assert type(websocket.response_headers) is websockets.Headers
        assert websocket.response_headers["UPGRADE"] == "websocket"


async def test_raw_items_take_the_place_of_raw_headers(running: Running) -> None:
    # "The raw_request_headers and raw_response_headers attributes of WebSocketCommonProtocol
    # are removed. Use raw_items() instead." They are there again.
    async with running() as uri, websockets.connect(uri) as websocket:
        pairs = list(websocket.request_headers.raw_items())
        assert ("Upgrade", "websocket") in pairs
        with pytest.deprecated_call(match="raw_items"):
            assert websocket.raw_request_headers == pairs
        with pytest.deprecated_call(match="raw_items"):
            assert ("Upgrade", "websocket") in websocket.raw_response_headers


@pytest.mark.filterwarnings("ignore:websockets.handshake:DeprecationWarning")
def test_functions_of_the_handshake_take_headers() -> None:
    # "Functions defined in the handshake module now receive Headers in argument instead of
    # get_header or set_header functions." Both work.
    from websockets.handshake import build_request, build_response, check_request, check_response

    request, response = websockets.Headers(), websockets.Headers()
    key = build_request(request)
    assert check_request(request) == key
    build_response(response, key)
    check_response(response, key)

    old_request: dict[str, str] = {}
    old_response: dict[str, str] = {}
    with pytest.deprecated_call(match="a function, is deprecated; pass ws_http.Headers"):
        key = build_request(old_request.__setitem__)
        assert check_request(lambda name: old_request.get(name, "")) == key
        build_response(old_response.__setitem__, key)
        check_response(lambda name: old_response.get(name, ""), key)


@pytest.mark.filterwarnings("ignore:websockets.http:DeprecationWarning")
async def test_functions_of_http_return_headers() -> None:
    # "Functions defined in the http module now return HTTP headers as Headers instead of
    # lists of (name, value) pairs."
    from websockets.http import read_request

    stream = asyncio.StreamReader()
    stream.feed_data(b"GET /path HTTP/1.1\r\nHost: localhost\r\n\r\n")
    path, headers = await read_request(stream)
    assert path == "/path"
    assert type(headers) is websockets.Headers


def test_headers_are_used_as_the_class_before_them_was() -> None:
    # "Since Headers and http.client.HTTPMessage provide similar APIs, this change won't affect
    # most of the code dealing with HTTP headers."
    for headers in (websockets.Headers(), HTTPMessage()):
        headers["Cookie"] = "a=1"
        headers["X-A"] = "1"
        headers["X-A"] = "2"
        assert headers["cookie"] == "a=1"
        assert headers.get("COOKIE") == "a=1"
        assert headers.get("Missing") is None
        assert headers.get("Missing", "default") == "default"
        assert headers.get_all("x-a") == ["1", "2"]
        assert "Cookie" in headers
        assert "Missing" not in headers
        del headers["X-A"]
        assert [name.lower() for name in headers.keys()] == ["cookie"]  # noqa: SIM118
        assert list(headers.values()) == ["a=1"]
        assert [(name.lower(), value) for name, value in headers.items()] == [("cookie", "a=1")]
