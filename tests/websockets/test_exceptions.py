"""``websockets.exceptions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.exceptions
import ws_frames
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


FRAMES = [
    "ConnectionClosed",
    "ConnectionClosedError",
    "ConnectionClosedOK",
    "InvalidState",
    "PayloadTooBig",
    "ProtocolError",
    "WebSocketException",
]
HTTP = [
    "AbortHandshake",
    "DuplicateParameter",
    "InvalidHandshake",
    "InvalidHeader",
    "InvalidHeaderFormat",
    "InvalidHeaderValue",
    "InvalidMessage",
    "InvalidOrigin",
    "InvalidParameterName",
    "InvalidParameterValue",
    "InvalidStatusCode",
    "InvalidURI",
    "InvalidUpgrade",
    "NegotiationError",
    "RedirectHandshake",
    "SecurityError",
]


def test_it_hands_on_every_documented_exception(hands_on: HandsOn) -> None:
    expected = {
        **{name: getattr(ws_frames, name) for name in FRAMES},
        **{name: getattr(ws_http, name) for name in HTTP},
    }
    old = {"WebSocketProtocolError": (ws_frames.ProtocolError, "ws_frames.ProtocolError")}
    hands_on(websockets.exceptions, expected, old)


def test_all_of_them_are_at_the_top_too() -> None:
    assert set(websockets.exceptions.__all__) < set(websockets.__all__)
