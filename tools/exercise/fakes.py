"""What an inbox, an outbox and a waiter call, in place of a connection on an event loop.

Where memory is short, Python itself gets into trouble with functions. So these are methods of objects
in C: those of a list take what is written, and give what to wait for; that of a dict finds a coroutine.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ws_frames import RSV1, Phase

from .case import speedups


class Source:
    """Gives what to wait for, the last first; an IndexError then."""

    def __init__(self, answers: Sequence[object]) -> None:
        self._wait_for_message = list(answers).pop


class Closing:
    """Says that no message will come. It needs a function, whatever Python does with it."""

    def __init__(self, error: BaseException) -> None:
        self.error = error

    def _wait_for_message(self) -> None:
        raise self.error.with_traceback(None)


def source_of(answers: Any) -> object:
    if answers is None:
        return None
    return Closing(answers) if isinstance(answers, BaseException) else Source(answers)


class Sink:
    """Takes what is written, or says that it is closing."""

    def __init__(self, *, closing: bool = False) -> None:
        self.writes: list[bytes] = []
        self.write = self.writes.append
        self.is_closing = partial(bool, closing)


class Sender:
    """Waits as an inbox does that stays empty, for a message that it knows."""

    def __init__(self) -> None:
        inbox = speedups.Inbox()
        self.coroutines = [inbox.recv(Source((1, 2))), inbox.recv(Source((3,)))]
        self._send_slowly = {"slowly": self.coroutines[0]}.get
        self._drain = self.coroutines.pop

    def end(self) -> None:
        while self.coroutines:
            self.coroutines.pop().close()


class Encoding:
    """A connection that makes the same of every message, once."""

    phase = Phase.OPEN
    pending = False

    def __init__(self, result: object = b"frame") -> None:
        self.send_message = partial({"text": result}.pop, "text") if result else None


class Decoding:
    """Makes messages of frames as it is told to, None of others, or fails if there is nothing."""

    def __init__(self, results: dict[Any, Any] | None) -> None:
        self.try_decode: Any = {}.pop if results is None else results.get


class Idle:
    """A connection as an inbox sees it that is opened with one."""

    def __init__(self, **attributes: Any) -> None:
        self.phase: Any = Phase.OPEN
        self.pending: Any = False
        self._parser: Any = speedups.Parser(masked=False, rsv=RSV1)
        self._decoder: Any = None
        self._parsed: Any = []
        vars(self).update(attributes)


class Receiver(Source):
    """Keeps what is to be received slowly."""

    def __init__(self, answers: Sequence[object] = ()) -> None:
        super().__init__(answers)
        self.data: list[bytes] = []
        self._receive_slowly = self._note_large_read = self.data.append
        self._pump = self._note_work = self.data.copy


class Loop:
    """An event loop that makes something of what it is to call, and calls it never."""

    def __init__(self, task: object = None) -> None:
        self.call_soon = partial
        self.current_task = {self: task}.get
