"""A terminal with line editing and history, by prompt_toolkit."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory

from .display import Style
from .screen import PROMPT, ScreenConsole
from .terminal import TerminalSettings

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = ["EditorConsole"]


class EditorConsole(ScreenConsole):
    """Shows what arrives above the line being typed.

    The history is kept in memory only: what is typed to a server may be a secret.
    """

    def __init__(self, style: Style) -> None:
        super().__init__(style)
        self._session: PromptSession[str] = PromptSession(history=InMemoryHistory())
        self._settings = TerminalSettings(keep_keys=True, echo=False)

    def __enter__(self) -> Self:
        self._settings.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._settings.__exit__()

    async def read(self) -> str | None:
        try:
            # ^C is a key here. The signal, which others may send, is the program's.
            return await self._session.prompt_async(
                PROMPT, handle_sigint=False, enable_suspend=True
            )
        except (EOFError, KeyboardInterrupt):
            return None

    def _show(self, text: str) -> None:
        # Not patch_stdout(): it prints from a thread, up to five times a second, and gives
        # the terminal back its settings meanwhile, so that a ^D may get lost.
        app, output = self._session.app, self._session.output
        if app.is_running:
            app.renderer.erase()
            app.invalidate()  # draws the line again, soon
        output.enable_autowrap()
        output.write_raw(text.replace("\n", "\r\n") + "\r\n")
        output.flush()
