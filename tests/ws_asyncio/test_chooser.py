"""Which console there is."""

from __future__ import annotations

import io
import sys
from typing import Any, Callable

import pytest

from ws_asyncio.interactive import chooser
from ws_asyncio.interactive.chooser import choose_console
from ws_asyncio.interactive.editor import EditorConsole
from ws_asyncio.interactive.pipe import PipeConsole
from ws_asyncio.interactive.plain import PlainConsole

Choose = Callable[..., Any]


class Stream(io.TextIOWrapper):
    """A standard stream, which may be a terminal."""

    def __init__(self, terminal: bool) -> None:
        self.written = io.BytesIO()
        super().__init__(self.written, encoding="ascii")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def fileno(self) -> int:
        return 99


@pytest.fixture
def choose(monkeypatch: pytest.MonkeyPatch) -> Choose:
    """Choose a console for terminals that can do everything, but where the test says otherwise."""
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def choose(**streams: Stream | None) -> Any:
        # Now and not before: between set-up and test, pytest puts in streams of its own.
        for name in ("stdin", "stdout", "stderr"):
            monkeypatch.setattr(sys, name, streams.get(name, Stream(True)))
        return choose_console()

    return choose


def without_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ws_asyncio.interactive.editor", None)


def test_a_terminal_gets_the_line_editor(choose: Choose) -> None:
    console = choose()
    assert type(console) is EditorConsole
    assert console._style._colour


def test_no_color_is_respected(choose: Choose, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert not choose()._style._colour


def test_without_prompt_toolkit_a_terminal_is_plain(
    choose: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_editor(monkeypatch)
    console = choose()
    assert type(console) is PlainConsole
    assert console._ansi
    assert console._style._colour


def test_an_old_console_of_windows_gets_no_escape_sequences(
    choose: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    without_editor(monkeypatch)
    monkeypatch.setattr(chooser, "ANSI", False)
    console = choose()
    assert not console._ansi
    assert not console._style._colour


def test_a_dumb_terminal_gets_no_escape_sequences(
    choose: Choose, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "dumb")
    console = choose()
    assert type(console) is PlainConsole
    assert not console._ansi
    assert not console._style._colour


@pytest.mark.parametrize("name", ["stdin", "stdout"])
def test_a_pipe_on_either_side_is_a_pipe(choose: Choose, name: str) -> None:
    console = choose(**{name: Stream(False)})
    assert type(console) is PipeConsole
    assert console._stdin == 99


def test_there_may_be_no_streams_at_all(choose: Choose) -> None:
    console = choose(stdin=None, stdout=None, stderr=None)
    assert type(console) is PipeConsole
    assert console._stdin is None


def test_what_a_stream_cannot_encode_is_escaped(choose: Choose) -> None:
    out, err = Stream(True), Stream(True)
    choose(stdout=out, stderr=err)
    for stream in (out, err):
        stream.write("é")
        stream.flush()
        assert stream.written.getvalue() == b"\\xe9"
