"""``websockets.uri``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.uri
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_all_of_it_has_moved(hands_on: HandsOn) -> None:
    old = {
        "InvalidURI": (ws_http.InvalidURI, "websockets.InvalidURI"),
        "WebSocketURI": (ws_http.WebSocketURI, "ws_http.WebSocketURI"),
        "parse_uri": (ws_http.parse_uri, "ws_http.parse_uri"),
    }
    hands_on(websockets.uri, deprecated=old)
