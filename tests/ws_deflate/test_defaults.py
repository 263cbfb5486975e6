"""Compression as it is when nothing is said about it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ws_deflate import (
    ClientPerMessageDeflateFactory,
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
    add_client_deflate,
    add_server_deflate,
)
from ws_http import Headers, build_extension, choose_extensions


@pytest.fixture
def other() -> Any:
    """A factory of another extension, for either side."""
    return SimpleNamespace(name="x-other")


def test_a_factory_is_added_where_there_is_none() -> None:
    assert [factory.name for factory in add_client_deflate(None)] == ["permessage-deflate"]
    assert [factory.name for factory in add_server_deflate(None)] == ["permessage-deflate"]
    assert [factory.name for factory in add_client_deflate([])] == ["permessage-deflate"]
    assert [factory.name for factory in add_server_deflate([])] == ["permessage-deflate"]


def test_it_comes_after_those_that_are_given(other: Any) -> None:
    assert [f.name for f in add_client_deflate([other])] == ["x-other", "permessage-deflate"]
    assert [f.name for f in add_server_deflate([other])] == ["x-other", "permessage-deflate"]


def test_no_factory_is_added_where_there_is_one() -> None:
    client, server = ClientPerMessageDeflateFactory(), ServerPerMessageDeflateFactory()
    assert add_client_deflate([client]) == [client]
    assert add_server_deflate([server]) == [server]


def test_what_is_given_is_not_changed() -> None:
    given: list[ClientPerMessageDeflateFactory] = []
    add_client_deflate(given)
    assert given == []


def test_the_offer_is_that_of_browsers() -> None:
    (factory,) = add_client_deflate(None)
    offer = build_extension([(factory.name, factory.get_request_params())])
    assert offer == "permessage-deflate; client_max_window_bits"


def test_both_windows_are_small() -> None:
    headers = Headers({"Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits"})
    answer, _ = choose_extensions(headers, add_server_deflate(None))
    assert answer == ("permessage-deflate; server_max_window_bits=12; client_max_window_bits=12")


def test_a_client_compresses_with_a_small_window_though_it_could_use_a_large_one() -> None:
    (factory,) = add_client_deflate(None)
    extension = factory.process_response_params([], [])
    assert isinstance(extension, PerMessageDeflate)
    assert (extension.local_max_window_bits, extension.window_bits) == (15, 12)
