"""``websockets.extensions.permessage_deflate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.extensions.permessage_deflate
import ws_deflate

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_the_extension_and_its_factories(hands_on: HandsOn) -> None:
    names = [
        "ClientPerMessageDeflateFactory",
        "PerMessageDeflate",
        "ServerPerMessageDeflateFactory",
    ]
    expected = {name: getattr(ws_deflate, name) for name in names}
    hands_on(websockets.extensions.permessage_deflate, expected)
