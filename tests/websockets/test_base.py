"""``websockets.extensions.base``, and the package that it is in."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.extensions.base

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.extensions, websockets.extensions.base])
def test_it_hands_on_the_interface_of_extensions(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
