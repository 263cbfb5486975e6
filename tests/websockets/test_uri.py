"""``websockets.uri``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.uri

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_all_of_it_has_moved(hands_on: HandsOn) -> None:
    hands_on(websockets.uri)
