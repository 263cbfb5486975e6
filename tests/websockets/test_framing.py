"""``websockets.framing``, and where it was in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.framing
import websockets.legacy.framing

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.framing, websockets.legacy.framing])
def test_it_reads_and_writes_frames(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
