"""``websockets.uri``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.uri
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_uris(hands_on: HandsOn) -> None:
    expected = {
        "InvalidURI": ws_http.InvalidURI,
        "WebSocketURI": ws_http.WebSocketURI,
        "parse_uri": ws_http.parse_uri,
    }
    hands_on(websockets.uri, expected)
