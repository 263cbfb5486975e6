"""``websockets.client``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.client
import websockets.legacy.client

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.client, websockets.legacy.client])
def test_it_hands_on_the_client(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
