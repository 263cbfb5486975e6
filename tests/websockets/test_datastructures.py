"""``websockets.datastructures``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.datastructures

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_headers(hands_on: HandsOn) -> None:
    hands_on(websockets.datastructures)
