"""The states of a connection by themselves."""

from __future__ import annotations

from ws_compat.states import CLOSED, CLOSING, CONNECTING, OPEN
from ws_frames import State


def test_they_are_those_of_a_connection() -> None:
    assert list(State) == [CONNECTING, OPEN, CLOSING, CLOSED]
    assert [state.name for state in State] == ["CONNECTING", "OPEN", "CLOSING", "CLOSED"]
