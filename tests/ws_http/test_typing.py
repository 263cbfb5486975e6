"""Types of what is negotiated."""

from __future__ import annotations

from typing import get_args

from ws_http import ExtensionHeader, ExtensionParameter, Origin, Subprotocol, typing


def test_the_types_are_str_at_run_time() -> None:
    assert Origin("http://example.com") == "http://example.com"
    assert Subprotocol("chat") == "chat"


def test_aliases_can_be_inspected() -> None:
    assert str in get_args(ExtensionParameter)
    assert get_args(ExtensionHeader)[0] is typing.ExtensionName


def test_all_names_are_handed_on() -> None:
    import ws_http

    assert set(typing.__all__) <= set(ws_http.__all__)
