"""HTTP Basic Auth with connections of any release."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from ws_asyncio.testing import connected_pair
from ws_compat import BasicAuthWebSocketServerProtocol, WebSocketServerProtocol
from ws_compat import basic_auth_protocol_factory as factory
from ws_http import Headers, InvalidStatusCode, build_basic_auth

GOOD = {"extra_headers": {"Authorization": build_basic_auth("ada", "secret")}}
BAD = {"extra_headers": {"Authorization": build_basic_auth("ada", "guess")}}


async def test_good_credentials_are_let_in() -> None:
    create = factory("realm", ("ada", "secret"))
    async with connected_pair(create_server=create, client_options=GOOD) as (_, server):
        assert type(server) is BasicAuthWebSocketServerProtocol
        assert isinstance(server, WebSocketServerProtocol)
        assert server.username == "ada"


async def test_bad_credentials_are_not() -> None:
    with pytest.raises(InvalidStatusCode, match="401"):
        async with connected_pair(
            create_server=factory("realm", ("ada", "secret")), client_options=BAD
        ):
            pass


async def test_they_may_be_checked_by_a_coroutine() -> None:
    async def check(user: str, password: str) -> bool:
        return (user, password) == ("ada", "secret")

    create = factory("realm", check_credentials=check)
    async with connected_pair(create_server=create, client_options=GOOD) as (_, server):
        assert server.open


async def test_process_request_comes_after_them() -> None:
    async def process_request(path: str, request_headers: Headers) -> Any:
        return 404, [], b""

    create = factory("realm", ("ada", "secret"))
    for client_options, status in [(GOOD, "404"), (BAD, "401")]:
        with pytest.raises(InvalidStatusCode, match=status):
            async with connected_pair(
                create_server=create,
                client_options=client_options,
                server_options={"process_request": process_request},
            ):
                pass


@pytest.mark.parametrize("partial", [False, True])
async def test_the_class_may_be_a_subclass_or_a_factory(partial: bool) -> None:
    class Own(BasicAuthWebSocketServerProtocol):
        def __init__(self, *args: Any, greeting: str = "Hello", **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.greeting = greeting

    own: Any = functools.partial(Own, greeting="Hi") if partial else Own
    create = factory("realm", ("ada", "secret"), create_protocol=own)
    async with connected_pair(create_server=create, client_options=GOOD) as (_, server):
        assert isinstance(server, Own)
        assert server.greeting == ("Hi" if partial else "Hello")


def test_one_of_both_has_to_be_given() -> None:
    with pytest.raises(TypeError, match="either credentials or check_credentials"):
        factory("realm")
