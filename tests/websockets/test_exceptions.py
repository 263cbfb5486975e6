"""``websockets.exceptions``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import websockets.exceptions

if TYPE_CHECKING:
    from tests.websockets.conftest import HandsOn


def test_it_hands_on_every_documented_exception(hands_on: HandsOn) -> None:
    hands_on(websockets.exceptions)


def test_all_of_them_are_at_the_top_too() -> None:
    others = {"CLOSE_CODES", "format_close"}
    assert set(websockets.exceptions.__all__) - others < set(websockets.__all__)
