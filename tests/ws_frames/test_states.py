"""Role and state of a connection."""

from __future__ import annotations

from ws_frames import Role, State


def test_states_have_the_values_of_ready_state_in_browsers() -> None:
    assert [(state.name, int(state)) for state in State] == [
        ("CONNECTING", 0),
        ("OPEN", 1),
        ("CLOSING", 2),
        ("CLOSED", 3),
    ]


def test_states_are_ordered_as_a_connection_goes_through_them() -> None:
    assert State.CONNECTING < State.OPEN < State.CLOSING < State.CLOSED


def test_a_connection_has_two_ends() -> None:
    assert [role.value for role in Role] == ["client", "server"]
