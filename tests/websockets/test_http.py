"""``websockets.http``, and where its functions were in 9.0."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.http
import websockets.legacy.http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.http, websockets.legacy.http])
def test_it_reads_requests_and_responses(hands_on: HandsOn, module: ModuleType) -> None:
    hands_on(module)
