"""The guide to authentication: tokens in a header, a cookie and the first message."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Any

import pytest

from ws_asyncio import connect
from ws_frames import ConnectionClosedError
from ws_http import InvalidStatusCode

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

SECRET = "a secret of the tests"


@pytest.fixture
def tokens(guide: Guide) -> Any:
    """The module of the guide that makes tokens."""
    spec = importlib.util.spec_from_file_location("tokens_of_the_guide", guide.folder / "tokens.py")
    assert spec is not None
    assert spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.SECRET = SECRET.encode()
    return module


def test_a_token_tells_its_user(tokens: Any) -> None:
    assert tokens.read_token(tokens.make_token("Ada: Lovelace ¥")) == "Ada: Lovelace ¥"


def test_a_token_that_is_too_old_is_good_for_nothing(tokens: Any) -> None:
    assert tokens.read_token(tokens.make_token("ada", seconds=-1)) is None


@pytest.mark.parametrize(
    "change", [lambda t: "", lambda t: "!", lambda t: t[:-4], lambda t: "AAAA" + t[4:]]
)
def test_a_token_that_was_changed_is_good_for_nothing(tokens: Any, change: Any) -> None:
    assert tokens.read_token(change(tokens.make_token("ada"))) is None


def test_without_a_secret_there_are_no_tokens(tokens: Any) -> None:
    tokens.SECRET = b""
    with pytest.raises(RuntimeError, match="set TOKEN_SECRET"):
        tokens.make_token("ada")


async def test_a_token_in_a_header_opens(guide: Guide, tokens: Any) -> None:
    await guide.serve("header.py", environment={"TOKEN_SECRET": SECRET})
    token = tokens.make_token("ada")
    assert await guide.run("client.py", environment={"TOKEN": token}) == "Hello, ada!\n"


async def test_a_token_in_a_cookie_opens(guide: Guide, tokens: Any) -> None:
    await guide.serve("header.py", environment={"TOKEN_SECRET": SECRET})
    cookie = {"Cookie": f"theme=dark; token={tokens.make_token('ada')}"}
    async with connect(guide.uri(), extra_headers=cookie) as ws:
        assert await ws.recv() == "Hello, ada!"


@pytest.mark.parametrize(
    "lines",
    [
        ["Cookie: theme=dark", "Cookie: token={}"],
        ["Cookie: a/b=c; token={}"],
        ["Cookie: ="] * 2 + ['Cookie: token="{}"'],
        ["Authorization: Basic YTpi", "Authorization: Bearer {}"],
    ],
)
async def test_a_token_is_found_among_all_headers(
    guide: Guide, tokens: Any, lines: list[str]
) -> None:
    await guide.serve("header.py", environment={"TOKEN_SECRET": SECRET})
    headers = [line.format(tokens.make_token("ada")).split(": ") for line in lines]
    async with connect(guide.uri(), extra_headers=[(name, value) for name, value in headers]) as ws:
        assert await ws.recv() == "Hello, ada!"


@pytest.mark.parametrize(
    "lines", [["Cookie: a/b=c"], ["Cookie: a=b"] * 2, ["Authorization: Basic YTpi"] * 2]
)
async def test_headers_without_a_token_are_refused(guide: Guide, lines: list[str]) -> None:
    await guide.serve("header.py", environment={"TOKEN_SECRET": SECRET})
    headers = [line.split(": ") for line in lines]
    with pytest.raises(InvalidStatusCode) as info:
        await connect(guide.uri(), extra_headers=[(name, value) for name, value in headers])
    assert info.value.status_code == 401


@pytest.mark.parametrize("value", [None, "Bearer", "Bearer wrong", "Basic YTpi"])
async def test_a_request_without_a_good_token_is_refused(guide: Guide, value: str | None) -> None:
    await guide.serve("header.py", environment={"TOKEN_SECRET": SECRET})
    headers = {} if value is None else {"Authorization": value}
    with pytest.raises(InvalidStatusCode) as info:
        await connect(guide.uri(), extra_headers=headers)
    assert info.value.status_code == 401
    assert info.value.headers["WWW-Authenticate"] == "Bearer"
    assert guide.says(str(info.value))


async def test_a_token_in_the_first_message_opens(guide: Guide, tokens: Any) -> None:
    await guide.serve("first_message.py", environment={"TOKEN_SECRET": SECRET})
    async with connect(guide.uri()) as ws:
        await ws.send(tokens.make_token("ada"))
        assert await ws.recv() == "Hello, ada!"


async def test_a_wrong_first_message_closes(guide: Guide) -> None:
    await guide.serve("first_message.py", environment={"TOKEN_SECRET": SECRET})
    for message in ("wrong", b"\x00"):
        async with connect(guide.uri()) as ws:
            await ws.send(message)
            with pytest.raises(ConnectionClosedError) as info:
                await ws.recv()
            assert (info.value.code, info.value.reason) == (1008, "wrong token")
    assert guide.says('1008 "wrong token"')


async def test_no_first_message_closes(guide: Guide) -> None:
    guide.change("first_message.py", "ws.recv(), 5)", "ws.recv(), 0.01)")
    await guide.serve("first_message.py", environment={"TOKEN_SECRET": SECRET})
    async with connect(guide.uri()) as ws:
        with pytest.raises(ConnectionClosedError, match="no token within 5 seconds"):
            await ws.recv()
