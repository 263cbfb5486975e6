"""``websockets.http``, and where its functions were in 9.0."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.http
import websockets.legacy.http
import ws_asyncio
from ws_asyncio.testing import connected_pair

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.fixture
def no_user_agent() -> Iterator[None]:
    yield
    vars(websockets.http).pop("USER_AGENT", None)


@pytest.mark.usefixtures("no_user_agent")
@pytest.mark.filterwarnings("ignore:websockets.http.USER_AGENT:DeprecationWarning")
async def test_a_client_calls_itself_what_a_program_says() -> None:
    websockets.http.USER_AGENT += " program/1.0"
    async with connected_pair(create_client=websockets.WebSocketClientProtocol) as (client, _):
        assert client.request_headers["User-Agent"] == f"{ws_asyncio.USER_AGENT} program/1.0"
    del websockets.http.USER_AGENT
    async with connected_pair(create_client=websockets.WebSocketClientProtocol) as (client, _):
        assert client.request_headers["User-Agent"] == ws_asyncio.USER_AGENT


@pytest.mark.parametrize("module", [websockets.http, websockets.legacy.http])
def test_it_reads_requests_and_responses(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
