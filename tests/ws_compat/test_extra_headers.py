"""Header values of any type, and headers that the handshake makes by itself."""

from __future__ import annotations

import uuid
import warnings
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Callable

import pytest

from tests.ws_asyncio.servers import uri_of
from tests.ws_compat.pairs import old_pair
from ws_compat import WebSocketClientProtocol, WebSocketServerProtocol, connect, serve
from ws_compat.extra_headers import modernize_extra_headers, with_text_values
from ws_http import Headers, InvalidStatusCode

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Deprecated

VALUE = "giving a header value that is no str is deprecated; give a str"
OWN = "giving headers of the handshake itself is deprecated; leave them out"

ID = uuid.UUID(int=1)


def function(path: str, headers: Headers) -> None: ...


@pytest.mark.parametrize(
    "headers", [None, function, {}, {"X-A": "1"}, [("X-A", "1")], Headers({"X-A": "1"})]
)
def test_what_is_right_today_is_handed_on(headers: Any, deprecated: Deprecated) -> None:
    with deprecated():
        assert modernize_extra_headers(headers) is headers


@pytest.mark.parametrize(
    "headers", [{"X-A": 1, "X-B": ID}, [("X-A", 1), ("X-B", ID)], (("X-A", "1"), ("X-B", ID))]
)
def test_a_value_is_made_text(headers: Any, deprecated: Deprecated) -> None:
    with deprecated(VALUE, at="modernize"):
        made = modernize_extra_headers(headers)
    assert made == [("X-A", "1"), ("X-B", str(ID))]


def test_pairs_may_come_from_a_generator() -> None:
    assert with_text_values(pair for pair in [("X-A", "1")]) == [("X-A", "1")]


def test_bytes_stay_an_error() -> None:
    with pytest.raises(TypeError, match="X-A header must be str, not bytes"):
        Headers(with_text_values({"X-A": b"1"}))


def test_a_value_of_two_lines_stays_an_error() -> None:
    class Lines:
        def __str__(self) -> str:
            return "1\r\nX-B: 2"

    with pytest.deprecated_call(), pytest.raises(ValueError, match="X-A header has a control"):
        Headers(with_text_values({"X-A": Lines()}))


@pytest.mark.parametrize(
    "name",
    [
        "Connection",
        "Upgrade",
        "Sec-WebSocket-Extensions",
        "sec-websocket-version",
        "SEC-WEBSOCKET-KEY",
    ],
)
@pytest.mark.parametrize("kind", [dict, list, Headers])
def test_headers_of_the_handshake_are_left_out(
    name: str, kind: Callable[..., Any], deprecated: Deprecated
) -> None:
    headers = kind([(name, "1"), ("X-A", "2")])
    with deprecated(OWN, at="modernize"):
        assert modernize_extra_headers(headers) == [("X-A", "2")]


EXTRA: dict[str, Any] = {"X-A": 1, "Connection": "keep-alive"}


@pytest.fixture
def nothing_is_said() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield


@pytest.mark.usefixtures("nothing_is_said")
@pytest.mark.parametrize("extra", [EXTRA, lambda path, headers: EXTRA])
async def test_a_server_sends_them(extra: Any) -> None:
    async with old_pair(server_options={"extra_headers": extra}) as (client, _):
        assert client.response_headers.get_all("X-A") == ["1"]
        assert client.response_headers.get_all("Connection") == ["Upgrade"]


@pytest.mark.usefixtures("nothing_is_said")
async def test_a_client_sends_them() -> None:
    def create(**options: Any) -> WebSocketClientProtocol:
        return WebSocketClientProtocol(**{**options, "extra_headers": EXTRA})

    async with (
        serve(idle, "127.0.0.1", 0) as server,
        connect(uri_of(server), create_protocol=create) as client,
    ):
        assert client.request_headers.get_all("X-A") == ["1"]
        assert client.request_headers.get_all("Connection") == ["Upgrade"]


async def idle(connection: Any, path: str) -> None:
    await connection.wait_closed()


async def test_serve_and_connect_warn_at_their_own_line(deprecated: Deprecated) -> None:
    with deprecated(VALUE, OWN, at="serve("):
        serving = serve(idle, "127.0.0.1", 0, extra_headers=EXTRA)
    async with serving as server:
        with deprecated(VALUE, OWN, at="connect("):
            connecting = connect(uri_of(server), extra_headers=EXTRA)
        with deprecated():
            async with connecting as client:
                assert client.response_headers["X-A"] == client.request_headers["X-A"] == "1"


@pytest.mark.usefixtures("nothing_is_said")
async def test_an_answer_of_the_application_may_have_them() -> None:
    async def process_request(path: str, headers: Headers) -> Any:
        return 403, {"X-A": 1}, b""

    with pytest.raises(InvalidStatusCode) as caught:
        async with old_pair(server_options={"process_request": process_request}):
            pass
    assert caught.value.headers["X-A"] == "1"


@pytest.mark.usefixtures("nothing_is_said")
async def test_an_answer_without_a_body_may_be_a_pair() -> None:
    async def process_request(path: str, headers: Headers) -> Any:
        return 403, []

    with pytest.raises(InvalidStatusCode, match="403"):
        async with old_pair(server_options={"process_request": process_request}):
            pass


@pytest.mark.usefixtures("nothing_is_said")
async def test_a_response_that_is_written_by_hand_may_have_them() -> None:
    class Own(WebSocketServerProtocol):
        def write_http_response(self, status: Any, headers: Any, body: Any = None) -> None:
            super().write_http_response(status, {**headers, "X-A": 1}, body)

    async with old_pair(create_server=Own) as (client, _):
        assert client.response_headers["X-A"] == "1"
