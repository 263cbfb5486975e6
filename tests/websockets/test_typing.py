"""``websockets.typing``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.typing

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_types(hands_on: HandsOn) -> None:
    hands_on(websockets.typing)
