"""Exceptions by the names that they had."""

from __future__ import annotations

import ws_frames
from ws_compat.exceptions import CLOSE_CODES, WebSocketProtocolError, format_close


def test_what_is_raised_today_is_caught_by_its_old_name() -> None:
    assert WebSocketProtocolError is ws_frames.ProtocolError


def test_a_close_has_a_text() -> None:
    assert format_close(1001, "bye") == "code = 1001 (going away), reason = bye"
    assert format_close(1000, "") == "code = 1000 (OK), no reason"


def test_each_registered_code_has_words() -> None:
    assert CLOSE_CODES[1001] == "going away"
    assert sorted(CLOSE_CODES) == [*range(1000, 1004), *range(1005, 1016)]
