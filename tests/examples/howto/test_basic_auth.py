"""The guide to Basic auth: its servers, its client, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ws_asyncio import basic_auth_protocol_factory, connect
from ws_http import InvalidStatusCode, InvalidURI, build_basic_auth

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

servers = pytest.mark.parametrize("server", ["server.py", "hashed.py"])


@servers
async def test_who_knows_the_password_comes_in(guide: Guide, server: str) -> None:
    await guide.serve(server)
    assert await guide.run("client.py") == "Hello, ada!\n"
    headers = {"Authorization": build_basic_auth("ada", "enigma")}
    async with connect(guide.uri(), extra_headers=headers) as ws:
        assert await ws.recv() == "Hello, ada!"


@servers
@pytest.mark.parametrize("userinfo", ["", "ada:wrong@", "eve:enigma@", "ada:@"])
async def test_others_do_not(guide: Guide, server: str, userinfo: str) -> None:
    await guide.serve(server)
    with pytest.raises(InvalidStatusCode) as info:
        await connect(guide.uri().replace("//", f"//{userinfo}"))
    assert info.value.status_code == 401
    assert info.value.headers["WWW-Authenticate"] == 'Basic realm="my server", charset="UTF-8"'
    assert guide.says(str(info.value))


async def test_a_health_check_needs_no_password(guide: Guide) -> None:
    await guide.serve("hashed.py")
    status, _, body = await guide.get("/health")
    assert (status, body) == (200, "OK\n")


@pytest.mark.parametrize(
    ("headers", "body"),
    [
        ({}, "missing credentials"),
        ({"Authorization": "Bearer x"}, "unsupported credentials"),
        ({"Authorization": build_basic_auth("ada", "wrong")}, "invalid credentials"),
    ],
)
async def test_the_body_says_why(guide: Guide, headers: dict[str, str], body: str) -> None:
    await guide.serve()
    status, _, found = await guide.get(**headers)
    assert (status, found.strip()) == (401, body)
    assert guide.says(f'"{body}"')


def test_the_messages_are_those_of_the_page(guide: Guide) -> None:
    with pytest.raises(TypeError) as both:
        basic_auth_protocol_factory("my server")
    assert guide.says(str(both.value))
    with pytest.raises(InvalidURI) as half:
        connect("ws://ada@127.0.0.1:8765")
    assert guide.says(f"`InvalidURI: {half.value}`")
