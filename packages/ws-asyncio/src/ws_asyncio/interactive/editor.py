"""A terminal with line editing and history, by prompt_toolkit."""

from __future__ import annotations

from contextlib import AbstractContextManager
from types import TracebackType
from typing import TYPE_CHECKING

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.patch_stdout import patch_stdout

from .display import Style, describe_binary, escape

if TYPE_CHECKING:
    from typing_extensions import Self

    from ws_frames import Data

__all__ = ["EditorConsole"]

PROMPT = "> "

#: Bytes of a binary message that are shown.
SHOWN_BYTES = 256


class EditorConsole:
    """Shows what arrives above the line being typed.

    The history is kept in memory only: what is typed to a server may be a secret.
    """

    scripted = False

    def __init__(self, style: Style) -> None:
        self._style = style
        self._session: PromptSession[str] = PromptSession(history=InMemoryHistory())
        # Whatever is printed goes above the prompt; raw lets our colours through.
        self._patch: AbstractContextManager[None] = patch_stdout(raw=True)

    def __enter__(self) -> Self:
        self._patch.__enter__()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._patch.__exit__(exc_type, exc, traceback)

    async def read(self) -> str | None:
        try:
            # ^C is a key here. The signal, which others may send, is the program's.
            return await self._session.prompt_async(
                PROMPT, handle_sigint=False, enable_suspend=True
            )
        except (EOFError, KeyboardInterrupt):
            return None

    def message(self, message: Data) -> None:
        if isinstance(message, bytes):
            print(self._style.message(describe_binary(message, SHOWN_BYTES)))
        else:
            print(self._style.message(escape(message)))

    def notice(self, text: str) -> None:
        print(self._style.notice(text))

    def problem(self, text: str) -> None:
        print(self._style.problem(text))
