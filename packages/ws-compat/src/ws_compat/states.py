"""The states of a connection by themselves."""

from __future__ import annotations

from ws_frames import State

__all__ = ["CLOSED", "CLOSING", "CONNECTING", "OPEN"]

CONNECTING, OPEN, CLOSING, CLOSED = State
