"""``websockets.server``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.server
import ws_asyncio

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_server(hands_on: HandsOn) -> None:
    expected = {
        "BasicAuthWebSocketServerProtocol": ws_asyncio.BasicAuthWebSocketServerProtocol,
        "WebSocketServer": ws_asyncio.WebSocketServer,
        "WebSocketServerProtocol": ws_asyncio.WebSocketServerProtocol,
        "basic_auth_protocol_factory": ws_asyncio.basic_auth_protocol_factory,
        "serve": ws_asyncio.serve,
        "unix_serve": ws_asyncio.unix_serve,
    }
    hands_on(websockets.server, expected)
