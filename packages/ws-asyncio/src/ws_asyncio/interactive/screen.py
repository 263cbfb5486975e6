"""What a terminal shows, whichever way lines are typed into it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from .display import Style, describe_binary, escape

if TYPE_CHECKING:
    from ws_frames import Data

__all__ = ["PROMPT", "ScreenConsole"]

PROMPT = "> "

#: Bytes of a binary message that are shown.
SHOWN_BYTES = 256


class ScreenConsole(ABC):
    """The part of a console that shows messages and notices to a person."""

    scripted = False

    def __init__(self, style: Style) -> None:
        self._style = style

    def message(self, message: Data) -> None:
        if isinstance(message, bytes):
            self._show(self._style.message(describe_binary(message, SHOWN_BYTES)))
        else:
            self._show(self._style.message(escape(message)))

    def notice(self, text: str) -> None:
        self._show(self._style.notice(text))

    def problem(self, text: str) -> None:
        self._show(self._style.problem(text))

    @abstractmethod
    def _show(self, text: str) -> None:
        """Show lines that are safe to be shown, above the one that is being typed."""
