"""``websockets.protocol`` and ``websockets.legacy.protocol``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.legacy.protocol
import websockets.protocol
import ws_compat
import ws_frames

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


CONNECTION = (ws_compat.WebSocketCommonProtocol, "websockets.WebSocketCommonProtocol")


def test_connections_have_moved_to_the_top_and_their_state_to_ws_frames(hands_on: HandsOn) -> None:
    state = (ws_frames.State, "ws_frames.State")
    hands_on(
        websockets.protocol, deprecated={"WebSocketCommonProtocol": CONNECTION, "State": state}
    )


def test_the_legacy_path_is_deprecated(hands_on: HandsOn) -> None:
    hands_on(websockets.legacy.protocol, deprecated={"WebSocketCommonProtocol": CONNECTION})
