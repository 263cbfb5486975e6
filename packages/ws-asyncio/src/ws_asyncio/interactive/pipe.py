"""No terminal: lines come from a pipe or a file, or messages go into one."""

from __future__ import annotations

import os
from collections import deque
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

from .console import InputError
from .display import describe_binary, escape
from .threads import in_thread

if TYPE_CHECKING:
    from typing_extensions import Self

    from ws_frames import Data

__all__ = ["PipeConsole"]

READ_SIZE = 65_536


class PipeConsole:
    """Each line that is read is a text message; each message that arrives makes a line.

    All the rest goes to standard error. Reads from a file descriptor: closing a buffered
    reader while a thread waits in it is fatal at the end of the program.
    """

    scripted = True

    def __init__(self, stdin: int | None, stdout: TextIO, stderr: TextIO) -> None:
        self._stdin = stdin
        self._stdout = stdout
        self._stderr = stderr
        self._lines: deque[bytes] = deque()
        self._rest = bytearray()
        self._count = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pass

    async def read(self) -> str | None:
        while not self._lines:
            if self._stdin is None:
                return None
            await self._read_more(self._stdin)
        self._count += 1
        try:
            return self._lines.popleft().decode()
        except UnicodeDecodeError as exc:
            raise InputError(
                f"line {self._count} of the input isn't UTF-8, from byte {exc.start} on"
            ) from None

    def message(self, message: Data) -> None:
        text = describe_binary(message) if isinstance(message, bytes) else escape(message)
        print(text, file=self._stdout, flush=True)

    def notice(self, text: str) -> None:
        print(text, file=self._stderr, flush=True)

    def problem(self, text: str) -> None:
        print(text, file=self._stderr, flush=True)

    async def _read_more(self, stdin: int) -> None:
        try:
            chunk = await in_thread(lambda: os.read(stdin, READ_SIZE))
        except OSError as exc:
            raise InputError(f"cannot read the input: {exc.strerror}") from exc
        if chunk:
            self._split(chunk)
        else:
            self._stdin = None
            if self._rest:
                self._add(bytes(self._rest))

    def _split(self, chunk: bytes) -> None:
        first, *others = chunk.split(b"\n")
        self._rest += first
        for each in others:
            self._add(bytes(self._rest))
            self._rest[:] = each

    def _add(self, line: bytes) -> None:
        self._lines.append(line[:-1] if line.endswith(b"\r") else line)
