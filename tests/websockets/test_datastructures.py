"""``websockets.datastructures``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.datastructures
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_headers(hands_on: HandsOn) -> None:
    expected = {
        "Headers": ws_http.Headers,
        "HeadersLike": ws_http.HeadersLike,
        "MultipleValuesError": ws_http.MultipleValuesError,
    }
    hands_on(websockets.datastructures, expected)
