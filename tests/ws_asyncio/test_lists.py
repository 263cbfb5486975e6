from __future__ import annotations

from typing import Any

import pytest

import ws_compat
from ws_asyncio import Connect, connect, unix_connect
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
