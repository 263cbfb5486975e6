"""``websockets.headers``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.headers
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


# The names of 7.x and 8.x, and those of today.
RENAMED = {
    "build_authorization_basic": "build_basic_auth",
    "build_extension_list": "build_extension",
    "build_subprotocol_list": "build_subprotocol",
    "build_www_authenticate_basic": "build_basic_challenge",
    "parse_authorization_basic": "parse_basic_auth",
    "parse_extension_list": "parse_extension",
    "parse_subprotocol_list": "parse_subprotocol",
}
KEPT = [
    "build_extension",
    "build_host",
    "build_subprotocol",
    "parse_connection",
    "parse_extension",
    "parse_subprotocol",
    "parse_upgrade",
    "validate_subprotocols",
]


def test_all_of_it_has_moved_to_ws_http(hands_on: HandsOn) -> None:
    names = {**RENAMED, **{name: name for name in KEPT}}
    old = {name: (getattr(ws_http, now), f"ws_http.{now}") for name, now in names.items()}
    hands_on(websockets.headers, deprecated=old)
