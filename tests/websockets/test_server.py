"""``websockets.server``, and where it was in 9.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.legacy.server
import websockets.server
import ws_compat

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


EXPECTED = {
    "WebSocketServer": ws_compat.WebSocketServer,
    "WebSocketServerProtocol": ws_compat.WebSocketServerProtocol,
    "serve": ws_compat.serve,
    "unix_serve": ws_compat.unix_serve,
}
BASIC_AUTH = {
    "BasicAuthWebSocketServerProtocol": ws_compat.BasicAuthWebSocketServerProtocol,
    "basic_auth_protocol_factory": ws_compat.basic_auth_protocol_factory,
}


def test_it_hands_on_the_server(hands_on: HandsOn) -> None:
    hands_on(websockets.server, {**EXPECTED, **BASIC_AUTH})


def test_the_legacy_path_is_deprecated(hands_on: HandsOn) -> None:
    old = {name: (what, f"websockets.{name}") for name, what in EXPECTED.items()}
    hands_on(websockets.legacy.server, deprecated=old)
