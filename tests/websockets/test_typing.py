"""``websockets.typing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.typing
import ws_frames
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_types(hands_on: HandsOn) -> None:
    expected = {
        "Data": ws_frames.Data,
        "ExtensionHeader": ws_http.ExtensionHeader,
        "ExtensionParameter": ws_http.ExtensionParameter,
        "Origin": ws_http.Origin,
        "Subprotocol": ws_http.Subprotocol,
    }
    hands_on(websockets.typing, expected)
