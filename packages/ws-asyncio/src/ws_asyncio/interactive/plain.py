"""A terminal without prompt_toolkit: ``input()``, with readline where Python has it."""

from __future__ import annotations

import asyncio
import shutil
from types import TracebackType
from typing import TYPE_CHECKING, Callable

from .console import InputError
from .display import Style, width
from .screen import PROMPT, ScreenConsole
from .terminal import TerminalSettings
from .threads import in_thread

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["PlainConsole"]


class PlainConsole(ScreenConsole):
    """Shows what arrives above the line being typed, as well as it can be done.

    readline doesn't tell where the cursor is, so it is taken to be at the end of the
    line. Without ``ansi``, the terminal can't erase lines: what is typed is repeated
    under what arrives.
    """

    def __init__(self, style: Style, *, ansi: bool, read: Callable[[str], str] = input) -> None:
        super().__init__(style)
        self._ansi = ansi
        self._read = read
        self._prompting = False
        readline = find_readline()
        self._typed = readline or str
        # Without readline, the terminal has to edit the line. With it, it has to echo:
        # readline is silent where it finds the echo switched off.
        self._settings = TerminalSettings(keep_keys=readline is not None)

    def __enter__(self) -> Self:
        self._settings.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        # input() goes on in its thread up to the end of the program, and will not do this.
        if self._prompting:
            self._print(self._erase())
        self._settings.__exit__()

    async def read(self) -> str | None:
        reading = self._start()
        try:
            line = await reading
        except EOFError:
            self._prompting = False
            self._print("\n")
            return None
        except ValueError as exc:  # a UnicodeDecodeError, or standard input was closed
            self._prompting = False
            raise InputError(f"cannot read what was typed: {exc}") from exc
        self._prompting = False
        return line

    def _start(self) -> asyncio.Future[str]:
        """Prompt for a line, and go on."""
        self._prompting = True
        return in_thread(lambda: self._read(PROMPT))

    def _show(self, text: str) -> None:
        if self._prompting:
            self._print(f"{self._erase()}{text}\n{PROMPT}{self._typed()}")
        else:
            self._print(f"{text}\n")

    def _erase(self) -> str:
        """Give what takes the line being typed off the terminal."""
        if not self._ansi:
            return "\n"
        # Terminals that don't know how wide they are say 0.
        columns = shutil.get_terminal_size().columns or 80
        rows = width(PROMPT + self._typed()) // columns
        return "\r" + (f"\x1b[{rows}A" if rows else "") + "\x1b[J"

    def _print(self, text: str) -> None:
        print(text, end="", flush=True)


def find_readline() -> Callable[[], str] | None:
    """Give the function that returns the line being typed; importing readline enables it."""
    try:
        import readline
    except ImportError:  # on Windows, and where Python was built without it
        return None
    return readline.get_line_buffer
