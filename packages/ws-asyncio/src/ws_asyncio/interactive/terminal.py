"""The settings of the terminal on standard input, while nobody reads from it.

Line editors change the settings for each line and put them back after it. A ^D that is
typed in between, such as while a message is sent, would get lost: it ends a line for the
terminal, and is no character then. And what is typed then would be echoed twice.
"""

from __future__ import annotations

import contextlib
import sys
from typing import Any

__all__ = ["TerminalSettings"]

LOCAL_MODES = 3  # index of their flags


class TerminalSettings:
    """A context that gives the terminal back as it was.

    With ``keep_keys`` each key that is typed waits for the next line to be edited, but ^C
    goes on to be a signal; without ``echo`` it isn't shown before. It does nothing where
    there is no terminal, nor on Windows.
    """

    def __init__(self, *, keep_keys: bool, echo: bool = True) -> None:
        self._keep_keys = keep_keys
        self._echo = echo
        self._saved: list[Any] | None = None

    def __enter__(self) -> None:
        with contextlib.suppress(ImportError, OSError, ValueError):
            import termios

            self._saved = termios.tcgetattr(sys.stdin.fileno())
            wanted = list(self._saved)
            if self._keep_keys:
                wanted[LOCAL_MODES] &= ~termios.ICANON
            if not self._echo:
                wanted[LOCAL_MODES] &= ~termios.ECHO
            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, wanted)

    def __exit__(self, *exc_info: object) -> None:
        if self._saved is not None:
            import termios

            termios.tcsetattr(sys.stdin.fileno(), termios.TCSADRAIN, self._saved)
