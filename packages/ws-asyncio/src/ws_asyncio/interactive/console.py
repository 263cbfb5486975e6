"""What a session asks of the place where lines are typed and messages shown."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from typing_extensions import Self

    from ws_frames import Data

__all__ = ["Console", "InputError"]


class InputError(Exception):
    """What was read can't be sent."""


class Console(Protocol):
    """Lines in, messages and notices out. Used within its context, on the event loop."""

    #: Whether nobody sits there: every line is a message, and no command.
    scripted: bool

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

    async def read(self) -> str | None:
        """Wait for the next line; None at the end of the input.

        Cancelling it ends the input. Raises InputError.
        """

    def message(self, message: Data) -> None:
        """Show what arrived."""

    def notice(self, text: str) -> None:
        """Show what happened to the connection; the text is safe to be shown."""

    def problem(self, text: str) -> None:
        """Show what was not done, and why; the text is safe to be shown."""
