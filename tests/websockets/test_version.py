"""``websockets.version``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.version

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_is_the_release(hands_on: HandsOn) -> None:
    hands_on(websockets.version)
