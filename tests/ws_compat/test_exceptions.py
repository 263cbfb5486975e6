"""Exceptions by the names that they had."""

from __future__ import annotations

import ws_frames
from ws_compat.exceptions import WebSocketProtocolError


def test_what_is_raised_today_is_caught_by_its_old_name() -> None:
    assert WebSocketProtocolError is ws_frames.ProtocolError
