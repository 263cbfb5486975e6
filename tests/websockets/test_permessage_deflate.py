"""``websockets.extensions.permessage_deflate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.extensions.permessage_deflate

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_extension_and_its_factories(hands_on: HandsOn) -> None:
    hands_on(websockets.extensions.permessage_deflate)
