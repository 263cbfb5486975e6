from __future__ import annotations

from typing import Any

import pytest

import ws_compat
from ws_asyncio import (
    BasicAuthWebSocketServerProtocol,
    Connect,
    basic_auth_protocol_factory,
    connect,
    serve,
    unix_connect,
    unix_serve,
)
from ws_asyncio.lists import check_list


@pytest.mark.parametrize("value", [None, [], ["a"], ("a",), {"a": 1}, iter("a")])
def test_what_is_no_string_may_be_a_list(value: object) -> None:
    check_list("subprotocols", value)


@pytest.mark.parametrize("call", [connect, unix_connect, ws_compat.connect])
def test_a_string_is_refused_before_anything_is_awaited(call: Any) -> None:
    text = r"^subprotocols must be a list, not a string; \['chat'\] is one$"
    with pytest.raises(TypeError, match=text):
        call("ws://localhost/", subprotocols="chat")


def test_strings_will_do_for_a_type_checker() -> None:
    unawaited: Connect = connect("ws://localhost/", subprotocols=["a"], origin="https://a.example")
    assert isinstance(unawaited, Connect)


@pytest.mark.parametrize("call", [serve, unix_serve, ws_compat.serve])
@pytest.mark.parametrize("name", ["origins", "subprotocols"])
def test_so_it_is_for_a_server(call: Any, name: str) -> None:
    async def handler(ws: Any) -> None: ...

    with pytest.raises(TypeError, match=rf"^{name} must be a list, not a string; \['a'\] is one$"):
        call(handler, **{name: "a"})


def test_a_handler_may_take_the_connections_that_are_made_for_it() -> None:
    """For a type checker, which looks at what it takes."""

    async def handler(ws: BasicAuthWebSocketServerProtocol) -> None:
        assert ws.username

    create_protocol = basic_auth_protocol_factory("here", ("user", "password"))
    serve(handler, origins=["https://a.example", None], create_protocol=create_protocol)
