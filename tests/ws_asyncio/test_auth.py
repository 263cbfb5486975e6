from __future__ import annotations

import base64
import functools
from typing import Any

import pytest

from ws_asyncio import BasicAuthWebSocketServerProtocol, basic_auth_protocol_factory
from ws_asyncio.testing import connected_pair
from ws_http import Headers, InvalidStatusCode, build_basic_auth


def authorization(user: str, password: str) -> dict[str, Any]:
    return {"extra_headers": {"Authorization": build_basic_auth(user, password)}}


async def refusal(factory: Any, headers: Any = None) -> InvalidStatusCode:
    with pytest.raises(InvalidStatusCode) as caught:
        async with connected_pair(create_server=factory, client_options={"extra_headers": headers}):
            pass
    assert caught.value.status_code == 401
    return caught.value


async def username(factory: Any, user: str, password: str) -> str | None:
    options = authorization(user, password)
    async with connected_pair(create_server=factory, client_options=options) as (_, server):
        assert isinstance(server, BasicAuthWebSocketServerProtocol)
        return server.username


async def test_good_credentials_open_the_connection() -> None:
    factory = basic_auth_protocol_factory("realm", ("iron", "man"))
    assert await username(factory, "iron", "man") == "iron"


async def test_several_users() -> None:
    factory = basic_auth_protocol_factory("realm", [("iron", "man"), ("black", "widow")])
    assert await username(factory, "black", "widow") == "black"


async def test_credentials_in_utf_8() -> None:
    factory = basic_auth_protocol_factory("realm", ("é", "パスワード"))
    assert await username(factory, "é", "パスワード") == "é"


async def test_missing_credentials_are_asked_for() -> None:
    exc = await refusal(basic_auth_protocol_factory("my realm", ("iron", "man")))
    assert exc.headers["WWW-Authenticate"] == 'Basic realm="my realm", charset="UTF-8"'
    assert exc.body == b"missing credentials\n"


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("Digest a=b", b"unsupported credentials\n"),
        ("Basic", b"unsupported credentials\n"),
        ("Basic !!", b"unsupported credentials\n"),
        ("Basic " + base64.b64encode(b"\xff:\xff").decode(), b"unsupported credentials\n"),
        ("Basic " + base64.b64encode(b"no colon").decode(), b"unsupported credentials\n"),
        (build_basic_auth("iron", "wrong"), b"invalid credentials\n"),
        (build_basic_auth("nobody", "man"), b"invalid credentials\n"),
    ],
)
async def test_other_credentials_are_refused(value: str, why: bytes) -> None:
    factory = basic_auth_protocol_factory("realm", ("iron", "man"))
    exc = await refusal(factory, {"Authorization": value})
    assert exc.body == why


async def test_two_authorization_headers_are_refused() -> None:
    factory = basic_auth_protocol_factory("realm", ("iron", "man"))
    good = build_basic_auth("iron", "man")
    headers = Headers([("Authorization", good), ("Authorization", good)])
    assert (await refusal(factory, headers)).body == b"more than one Authorization header\n"


async def test_a_coroutine_can_check_the_credentials() -> None:
    async def check(user: str, password: str) -> bool:
        return password == user[::-1]

    factory = basic_auth_protocol_factory("realm", check_credentials=check)
    assert await username(factory, "abc", "cba") == "abc"
    await refusal(factory, {"Authorization": build_basic_auth("abc", "abc")})


async def test_process_request_still_runs() -> None:
    async def process_request(path: str, headers: Headers) -> tuple[int, Any, bytes]:
        return 200, [], b"OK\n"

    factory = functools.partial(
        basic_auth_protocol_factory("realm", ("iron", "man")), process_request=process_request
    )
    with pytest.raises(InvalidStatusCode) as caught:
        async with connected_pair(
            create_server=factory, client_options=authorization("iron", "man")
        ):
            pass
    assert caught.value.status_code == 200


async def test_the_protocol_can_be_a_subclass() -> None:
    class Custom(BasicAuthWebSocketServerProtocol):
        pass

    factory = basic_auth_protocol_factory("realm", ("iron", "man"), create_protocol=Custom)
    options = authorization("iron", "man")
    async with connected_pair(create_server=factory, client_options=options) as (_, server):
        assert type(server) is Custom


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"credentials": ("a", "b"), "check_credentials": lambda user, password: True},
        {"credentials": "ab"},
        {"credentials": ("a", 1)},
        {"credentials": [("a", "b", "c")]},
    ],
)
def test_exactly_one_way_to_check_must_be_given(arguments: dict[str, Any]) -> None:
    with pytest.raises(TypeError):
        basic_auth_protocol_factory("realm", **arguments)


def test_a_realm_that_can_not_be_sent_is_refused_at_once() -> None:
    with pytest.raises(ValueError, match="control"):
        basic_auth_protocol_factory("my\r\nrealm", ("iron", "man"))
