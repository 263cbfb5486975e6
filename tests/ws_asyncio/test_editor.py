"""A terminal with line editing."""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator
from typing import NamedTuple

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.data_structures import Size
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output.vt100 import Vt100_Output

from ws_asyncio.interactive.display import Style
from ws_asyncio.interactive.editor import EditorConsole

CTRL_C, CTRL_D, UP, LEFT = "\x03", "\x04", "\x1b[A", "\x1b[D"


class Screen(io.StringIO):
    """What was written to a terminal; may be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._changed = asyncio.Event()

    def flush(self) -> None:
        self._changed.set()

    @property
    def text(self) -> str:
        """Without escape sequences."""
        return re.sub(r"\x1b\[[?;0-9]*[A-Za-z]", "", self.getvalue())

    async def shows(self, text: str, behind: str) -> None:
        """Wait until it shows a text behind the last place of another one."""
        while text not in self.text.rpartition(behind)[2]:
            self._changed.clear()
            await asyncio.wait_for(self._changed.wait(), 20)


class Editor(NamedTuple):
    """A console, the keyboard and the screen."""

    console: EditorConsole
    keyboard: PipeInput
    screen: Screen

    async def type(self, text: str) -> asyncio.Future[str | None]:
        """Type part of a line, and wait until it is in the editor; gives the line to come."""
        reading = asyncio.ensure_future(self.console.read())
        buffer = self.console._session.default_buffer
        changed = asyncio.Event()
        buffer.on_text_changed += lambda _: changed.set()
        self.keyboard.send_text(text)
        while buffer.text != text:
            changed.clear()
            await asyncio.wait_for(changed.wait(), 20)
        return reading


@pytest.fixture
async def editor(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Editor]:
    monkeypatch.setenv("PROMPT_TOOLKIT_NO_CPR", "1")
    screen = Screen()
    output = Vt100_Output(screen, lambda: Size(rows=24, columns=80), term="xterm")
    with create_pipe_input() as keyboard, create_app_session(input=keyboard, output=output):
        yield Editor(EditorConsole(Style(False)), keyboard, screen)


async def test_a_line_can_be_edited(editor: Editor) -> None:
    with editor.console as console:
        assert not console.scripted
        editor.keyboard.send_text(f"helo{LEFT}l\r")
        assert await console.read() == "hello"


async def test_lines_typed_before_come_back(editor: Editor) -> None:
    with editor.console as console:
        editor.keyboard.send_text("first\r")
        assert await console.read() == "first"
        editor.keyboard.send_text("second\r")
        assert await console.read() == "second"
        editor.keyboard.send_text(f"{UP}{UP}\r")
        assert await console.read() == "first"


@pytest.mark.parametrize("key", [CTRL_C, CTRL_D], ids=["^C", "^D"])
async def test_there_is_a_key_for_the_end(editor: Editor, key: str) -> None:
    with editor.console as console:
        editor.keyboard.send_text(key)
        assert await console.read() is None


async def test_what_arrives_goes_above_the_line_being_typed(editor: Editor) -> None:
    with editor.console as console:
        reading = await editor.type("half")
        console.message("a\x1bb")
        console.message(bytes(300))
        console.notice("notice")
        console.problem("problem")
        await editor.screen.shows("> half", behind="problem")
        editor.keyboard.send_text(" a line\r")
        assert await reading == "half a line"
    lines = [
        r"< a\x1bb",
        f"< binary, 300 bytes: {' '.join(['00'] * 256)} ...",
        "notice",
        "problem",
    ]
    assert "\r\n".join(lines) in editor.screen.text


async def test_a_line_can_be_left_half_typed(editor: Editor) -> None:
    with editor.console as console:
        reading = await editor.type("half")
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        console.notice("The end.")
    assert editor.screen.text.endswith("> half\r\nThe end.\r\n")
