"""``websockets.protocol``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.legacy.protocol
import websockets.protocol

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.protocol, websockets.legacy.protocol])
def test_it_has_connections_and_their_state(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
