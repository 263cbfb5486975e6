"""``websockets.headers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.headers

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_all_of_it_has_moved_to_ws_http(hands_on: HandsOn) -> None:
    hands_on(websockets.headers)
