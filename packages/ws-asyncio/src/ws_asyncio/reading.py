"""How much is read from TCP at once."""

from __future__ import annotations

import asyncio
from functools import lru_cache

from .work import LARGE_READ

__all__ = ["ReadSize"]

# The allocator of the C library asks the system for memory from 128 KiB on, and zeroed pages
# cost more than reading: so the step in between stays below that.
BELOW_MAPPING = 131_072 - 4096


class ReadSize:
    """The size of the reads of a transport: more while that is what they find.

    asyncio makes an object of that size for each read, and cuts it to what there was: 256 KiB
    by default, which costs small messages two or three page faults. But large messages take
    half the time where it isn't less. A size that is small to begin with was asked for, and
    stays. Transports of other event loops, and of TLS, have no such size.
    """

    __slots__ = ("_once", "_sizes", "_step", "_transport")

    def __init__(self, transport: asyncio.Transport, least: int) -> None:
        self._transport = transport if hasattr(transport, "max_size") else None
        self._sizes = sizes_from(max(least, 1))
        self._once = False
        self._set(0)

    def adapt(self, read: int) -> bool:
        """Take note of the size of a read; tell whether the next ones are larger than the least."""
        step = self._step
        small = step > 0 and read < self._sizes[step - 1]
        if read >= self._sizes[step] and step + 1 < len(self._sizes):
            self._set(step + 1)
        elif small and self._once:  # once is the end of a message
            self._set(step - 1)
        self._once = small and not self._once
        return self._step > 0

    def _set(self, step: int) -> None:
        self._step = step
        if self._transport is not None:
            self._transport.max_size = self._sizes[step]


@lru_cache(maxsize=16)  # the same one for all connections
def sizes_from(least: int) -> tuple[int, ...]:
    """Give the sizes that reads grow through."""
    if least < LARGE_READ:
        return (least,)
    twice = min(2 * least, BELOW_MAPPING) if least < BELOW_MAPPING else 2 * least
    return least, twice, 4 * least
