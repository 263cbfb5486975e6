"""``websockets.client``, and where it was in 9.0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.client
import websockets.legacy.client
import ws_compat

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


EXPECTED = {
    "WebSocketClientProtocol": ws_compat.WebSocketClientProtocol,
    "connect": ws_compat.connect,
    "unix_connect": ws_compat.unix_connect,
}


def test_it_hands_on_the_client(hands_on: HandsOn) -> None:
    hands_on(websockets.client, EXPECTED)


def test_the_legacy_path_is_deprecated(hands_on: HandsOn) -> None:
    old = {name: (what, f"websockets.{name}") for name, what in EXPECTED.items()}
    hands_on(websockets.legacy.client, deprecated=old)
