"""``websockets.client``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.client
import ws_asyncio

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_client(hands_on: HandsOn) -> None:
    expected = {
        "WebSocketClientProtocol": ws_asyncio.WebSocketClientProtocol,
        "connect": ws_asyncio.connect,
        "unix_connect": ws_asyncio.unix_connect,
    }
    hands_on(websockets.client, expected)
