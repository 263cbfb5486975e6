"""The guide to subprotocols: both versions, none, and mistakes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from ws_asyncio import WebSocketServerProtocol, connect, serve
from ws_http import InvalidStatusCode, NegotiationError, Subprotocol

if TYPE_CHECKING:
    from tests.examples.howto.conftest import Guide

V3 = Subprotocol("chat.v3")


async def handler(ws: WebSocketServerProtocol) -> None:
    await ws.wait_closed()


async def test_both_sides_take_the_new_version(guide: Guide) -> None:
    await guide.serve()
    assert await guide.run("client.py") == 'chat.v2+json\n{"echo": "Hello"}\n'


async def test_an_old_client_gets_the_old_version(guide: Guide) -> None:
    await guide.serve()
    async with connect(guide.uri(), subprotocols=[V3, Subprotocol("chat.v1")]) as ws:
        assert ws.subprotocol == "chat.v1"
        await ws.send("Hello")
        assert await ws.recv() == "echo 'Hello'"


@pytest.mark.parametrize("offered", [None, [V3]])
async def test_others_are_refused(guide: Guide, offered: list[Subprotocol] | None) -> None:
    await guide.serve()
    with pytest.raises(InvalidStatusCode) as info:
        await connect(guide.uri(), subprotocols=offered)
    assert info.value.status_code == 400
    assert (await guide.upgrade())[2] == "this server speaks chat.v2+json and chat.v1\n"


async def test_without_such_a_rule_both_go_on_without(guide: Guide) -> None:
    server = serve(handler, "127.0.0.1", guide.port, subprotocols=[Subprotocol("chat.v1")])
    async with server, connect(guide.uri(), subprotocols=[V3]) as ws:
        assert ws.subprotocol is None


async def test_the_messages_are_those_of_the_page(guide: Guide) -> None:
    headers = {"Sec-WebSocket-Protocol": str(V3)}
    async with serve(handler, "127.0.0.1", guide.port, extra_headers=headers):
        with pytest.raises(NegotiationError) as unknown:
            await connect(guide.uri(), subprotocols=[Subprotocol("chat.v1")])
        assert guide.says(f"`NegotiationError: {unknown.value}`")
        with pytest.raises(TypeError) as text:
            await connect(guide.uri(), subprotocols="chat")  # type: ignore[arg-type]
        assert guide.says(f"`TypeError: {text.value}`")
        with pytest.raises(ValueError, match="token") as name:
            await connect(guide.uri(), subprotocols=[Subprotocol("a b")])
        assert guide.says(f"`ValueError: {name.value}`")
