"""``websockets.auth``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.auth
import websockets.legacy.auth

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.auth, websockets.legacy.auth])
def test_basic_auth_has_moved_to_the_top(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
