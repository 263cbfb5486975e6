"""How much is done for one peer in one turn of the event loop, before others have theirs."""

from __future__ import annotations

import asyncio

from ws_frames import IMPLEMENTATION

__all__ = ["BYTES_PER_EVENT", "LARGE_READ", "PARSING", "Work"]

# How many events of one peer are handled in a turn, and what else counts as much: parsing so
# many bytes of a large read, inflating 4 KiB. uvloop reads up to 8 MiB of a connection in one
# turn, 256 KiB at a time; in Python, parsing that much may take 40 ms, and so may answering 1024
# pings.
MOST = 1024 if IMPLEMENTATION == "c" else 512
BYTES_PER_EVENT = 512 if IMPLEMENTATION == "c" else 128
LARGE_READ = 65_536
HALF = MOST // 2

# As much as parsing what makes no event, such as fragments.
PARSING = HALF if IMPLEMENTATION == "c" else MOST


class Work:
    """What was done in this turn, and maybe a little of what was done before.

    To begin anew in each turn takes a callback, which a message alone isn't worth: what is
    less than half of enough is carried over.
    """

    __slots__ = ("_done", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._done = 0

    def is_enough(self) -> bool:
        """Whether the rest has to wait for the next turn."""
        return self._done >= MOST

    def add(self, amount: int) -> None:
        """Count what was done."""
        before = self._done
        self._done += amount
        if before < HALF <= self._done:
            self._loop.call_soon(self.begin_turn)

    def begin_turn(self) -> None:
        """Begin anew."""
        self._done = 0
