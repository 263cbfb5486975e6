"""``websockets.server``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.legacy.server
import websockets.server

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.server, websockets.legacy.server])
def test_it_hands_on_the_server(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
