"""``websockets.handshake`` and ``websockets.legacy.handshake``."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.handshake
import websockets.legacy.handshake
import ws_compat.handshake

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.handshake, websockets.legacy.handshake])
def test_it_has_the_core_of_the_handshake(hands_on: HandsOn, module: ModuleType) -> None:
    names = ["build_request", "build_response", "check_request", "check_response"]
    old = {name: (getattr(ws_compat.handshake, name), f"ws_http.{name}") for name in names}
    hands_on(module, deprecated=old)
