"""``websockets.extensions.base``, and its package."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING

import pytest

import websockets.extensions.base
import ws_frames
import ws_http

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


@pytest.mark.parametrize("module", [websockets.extensions, websockets.extensions.base])
def test_it_hands_on_the_interface_of_extensions(hands_on: HandsOn, module: ModuleType) -> None:
    expected = {
        "ClientExtensionFactory": ws_http.ClientExtensionFactory,
        "Extension": ws_frames.Extension,
        "ServerExtensionFactory": ws_http.ServerExtensionFactory,
    }
    hands_on(module, expected)
