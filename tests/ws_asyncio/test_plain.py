"""A terminal without prompt_toolkit."""

from __future__ import annotations

import os
import queue
import shutil
import sys

import pytest

from ws_asyncio.interactive import plain
from ws_asyncio.interactive.console import InputError
from ws_asyncio.interactive.display import Style
from ws_asyncio.interactive.plain import PlainConsole


class Typist:
    """Takes the place of input()."""

    def __init__(self) -> None:
        self._lines: queue.SimpleQueue[str | Exception] = queue.SimpleQueue()

    def __call__(self, prompt: str) -> str:
        assert prompt == "> "
        line = self._lines.get(timeout=20)
        if isinstance(line, Exception):
            raise line
        return line

    def type(self, line: str | Exception) -> None:
        self._lines.put(line)


@pytest.fixture
def typist() -> Typist:
    return Typist()


@pytest.fixture
def console(typist: Typist, monkeypatch: pytest.MonkeyPatch) -> PlainConsole:
    console = PlainConsole(Style(False), ansi=True, read=typist)
    monkeypatch.setattr(console, "_typed", lambda: "half")
    return console


async def test_lines_are_read_up_to_the_end(
    console: PlainConsole, typist: Typist, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not console.scripted
    with console:
        typist.type("hello")
        assert await console.read() == "hello"
        typist.type(EOFError())
        assert await console.read() is None
    assert capsys.readouterr().out == "\n"


async def test_what_cannot_be_read_is_an_error(console: PlainConsole, typist: Typist) -> None:
    with console:
        typist.type(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"))
        with pytest.raises(InputError, match="cannot read what was typed: 'utf-8' codec"):
            await console.read()


def test_while_nothing_is_typed_lines_are_printed_as_they_come(
    console: PlainConsole, capsys: pytest.CaptureFixture[str]
) -> None:
    with console:
        console.message("a\nb")
        console.message(bytes(300))
        console.notice("notice")
        console.problem("problem")
    shown = " ".join(["00"] * 256)
    assert capsys.readouterr().out == (
        f"< a\\nb\n< binary, 300 bytes: {shown} ...\nnotice\nproblem\n"
    )


async def test_what_arrives_goes_above_the_line_being_typed(
    console: PlainConsole, typist: Typist, capsys: pytest.CaptureFixture[str]
) -> None:
    with console:
        reading = console._start()
        console.message("hello")
        assert capsys.readouterr().out == "\r\x1b[J< hello\n> half"
        typist.type("half a line")
        assert await reading == "half a line"


@pytest.mark.parametrize(("columns", "length"), [(10, 18), (0, 158)])
async def test_a_line_of_several_rows_is_erased_whole(
    columns: int,
    length: int,
    console: PlainConsole,
    typist: Typist,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: os.terminal_size((columns, 24)))
    monkeypatch.setattr(console, "_typed", lambda: "x" * length)
    with console:
        reading = console._start()
        console.message("hello")
        assert capsys.readouterr().out == f"\r\x1b[2A\x1b[J< hello\n> {'x' * length}"
        typist.type("")
        await reading


async def test_without_escape_sequences_the_line_is_repeated(
    console: PlainConsole,
    typist: Typist,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(console, "_ansi", False)
    with console:
        reading = console._start()
        console.message("hello")
        assert capsys.readouterr().out == "\n< hello\n> half"
        typist.type("")
        await reading


async def test_at_the_end_the_prompt_is_taken_away(
    console: PlainConsole, typist: Typist, capsys: pytest.CaptureFixture[str]
) -> None:
    with console:
        reading = console._start()
    assert capsys.readouterr().out == "\r\x1b[J"
    typist.type("")
    await reading


def test_readline_is_used_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    readline = pytest.importorskip("readline")
    assert plain.find_readline() is readline.get_line_buffer
    monkeypatch.setitem(sys.modules, "readline", None)
    assert plain.find_readline() is None
    assert PlainConsole(Style(False), ansi=True)._typed() == ""
