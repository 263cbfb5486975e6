"""The life of a connection after its opening handshake, RFC 6455 §7, as a table."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from ws_frames import Phase, State
from ws_frames.phases import TRANSITIONS, Step

# Which phase follows when a step is taken in a phase; "-" where it can't be taken.
TABLE = """
                 OPEN              CLOSE_SENT        CLOSE_EXCHANGED   FAILED   CLOSED
SEND_DATA        OPEN              -                 -                 -        -
SEND_PING        OPEN              -                 -                 -        -
SEND_PONG        OPEN              CLOSE_SENT        -                 -        -
SEND_CLOSE       CLOSE_SENT        -                 -                 -        -
RECEIVE_CLOSE    CLOSE_EXCHANGED   CLOSE_EXCHANGED   -                 -        -
FAIL             FAILED            FAILED            -                 -        -
END              CLOSED            CLOSED            CLOSED            CLOSED   -
"""


def rows() -> list[tuple[Phase, Step, Phase | None]]:
    columns, *lines = TABLE.strip().splitlines()
    return [
        (Phase[phase], Step[step], None if after == "-" else Phase[after])
        for step, *cells in map(str.split, lines)
        for phase, after in zip(columns.split(), cells)
    ]


@pytest.mark.parametrize(("phase", "step", "after"), rows())
def test_each_pair_is_legal_or_not(phase: Phase, step: Step, after: Phase | None) -> None:
    assert TRANSITIONS.get((phase, step)) is after


def test_every_pair_was_looked_at() -> None:
    assert len(rows()) == len(Phase) * len(Step)


@pytest.mark.parametrize(
    ("phase", "state"),
    [
        (Phase.OPEN, State.OPEN),
        (Phase.CLOSE_SENT, State.CLOSING),
        (Phase.CLOSE_EXCHANGED, State.CLOSING),
        (Phase.FAILED, State.CLOSING),
        (Phase.CLOSED, State.CLOSED),
    ],
)
def test_a_phase_belongs_to_a_state(phase: Phase, state: State) -> None:
    assert phase.state is state


def test_the_state_never_goes_back() -> None:
    for (phase, _), after in TRANSITIONS.items():
        assert phase.state <= after.state


def test_the_documentation_shows_the_table() -> None:
    tool = Path(__file__).resolve().parents[2] / "tools" / "draw_phases.py"
    command = [sys.executable, str(tool), "--check"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")
