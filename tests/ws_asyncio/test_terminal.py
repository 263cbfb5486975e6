"""The settings of a terminal."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator

import pytest

from ws_asyncio.interactive.terminal import LOCAL_MODES, TerminalSettings

pty = pytest.importorskip("pty", reason="terminals are different here")
termios = pytest.importorskip("termios", reason="terminals are different here")


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """A terminal on standard input; gives its file descriptor."""
    master, slave = pty.openpty()
    with os.fdopen(slave, "w") as stream:
        monkeypatch.setattr(sys, "stdin", stream)
        yield slave
        monkeypatch.undo()
    os.close(master)


def local_modes(terminal: int) -> int:
    modes: int = termios.tcgetattr(terminal)[LOCAL_MODES]
    return modes


def test_keys_are_kept_for_the_next_line_and_interrupts_are_not(terminal: int) -> None:
    with TerminalSettings(keep_keys=True):
        modes = local_modes(terminal)
    assert not modes & termios.ICANON
    assert modes & termios.ECHO
    assert modes & termios.ISIG


def test_keys_need_not_be_shown(terminal: int) -> None:
    with TerminalSettings(keep_keys=True, echo=False):
        assert not local_modes(terminal) & termios.ECHO


def test_without_that_the_terminal_stays_as_it_is(terminal: int) -> None:
    before = local_modes(terminal)
    with TerminalSettings(keep_keys=False):
        assert local_modes(terminal) == before


@pytest.mark.parametrize("keep_keys", [True, False])
def test_the_terminal_is_given_back_as_it_was(terminal: int, keep_keys: bool) -> None:
    before = termios.tcgetattr(terminal)
    with TerminalSettings(keep_keys=keep_keys):
        changed = termios.tcgetattr(terminal)
        changed[LOCAL_MODES] &= ~termios.ISIG
        termios.tcsetattr(terminal, termios.TCSANOW, changed)
    assert termios.tcgetattr(terminal) == before


def test_where_there_is_no_terminal_nothing_happens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with TerminalSettings(keep_keys=True) as nothing:
        assert nothing is None
