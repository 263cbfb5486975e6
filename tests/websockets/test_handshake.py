"""``websockets.handshake``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.handshake
import websockets.legacy.handshake

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.handshake, websockets.legacy.handshake])
def test_it_has_the_core_of_the_handshake(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
