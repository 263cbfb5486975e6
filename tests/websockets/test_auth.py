"""``websockets.auth`` and ``websockets.legacy.auth``."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.auth
import websockets.legacy.auth
import ws_compat

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.auth, websockets.legacy.auth])
def test_basic_auth_has_moved_to_the_top(hands_on: HandsOn, module: ModuleType) -> None:
    names = ["BasicAuthWebSocketServerProtocol", "basic_auth_protocol_factory"]
    old = {name: (getattr(ws_compat, name), f"websockets.{name}") for name in names}
    hands_on(module, deprecated=old)
