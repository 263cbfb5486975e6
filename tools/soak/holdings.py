"""What a process holds, and by how much that may have grown."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
from collections import Counter
from pathlib import Path
from typing import Callable, NamedTuple

from attack.victim import find_trim
from ws_asyncio.timers import timers

__all__ = ["CLOSE_TIMEOUT", "GROWTH", "MIB", "Holdings", "census", "is_quiet", "take_stock"]

MIB = 2**20

#: Bytes by which memory may have grown between two quiet points.
GROWTH = 2 * MIB

#: Seconds within which connections are to be closed; their timer stays for as long as that.
CLOSE_TIMEOUT = 2

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")

trim = find_trim()


class Holdings(NamedTuple):
    """What a process holds at a quiet point: when nobody is connected to it."""

    rss: int  # bytes
    tasks: int
    descriptors: int
    objects: int  # that the collector of cycles knows
    used: int  # bytes that malloc() gave and are in use; 0 where the C library doesn't tell
    garbage: int  # that only this collector could free, since it was last asked to
    cycles: str = ""  # what that garbage was

    def excess(
        self, before: Holdings, *, objects: int = 0, garbage: int = 0, in_use: bool = False
    ) -> list[str]:
        """Say which bounds are broken by what has come since ``before``.

        There may be so many ``objects`` more, and so much ``garbage``. The memory is that of
        the process, or with ``in_use`` what malloc() gave of it.
        """
        found = []
        grown = self.used - before.used if in_use else self.rss - before.rss
        if grown > GROWTH:
            found.append(f"memory grew by {grown / MIB:.2f} MiB, over {GROWTH / MIB:.0f}")
        for name, more in (("tasks", 0), ("descriptors", 0), ("objects", objects)):
            found_more = getattr(self, name) - getattr(before, name)
            if found_more > more:
                found.append(f"{found_more} more {name}")
        if self.garbage > garbage:
            found.append(f"{self.garbage} objects of cyclic garbage: {self.cycles}")
        return found


def take_stock() -> Holdings:
    """See what this process holds."""
    # What is free, but kept for later by the C library, isn't held.
    trim(0)
    rss = int(Path("/proc/self/statm").read_text().split()[1]) * PAGE_SIZE
    garbage, cycles = collect()
    return Holdings(
        rss=rss,
        tasks=count_tasks(),
        descriptors=count_descriptors(),
        objects=len(gc.get_objects()),
        used=memory_in_use(),
        garbage=garbage,
        cycles=cycles,
    )


class Usage(ctypes.Structure):
    """What mallinfo2() gives."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in [
            "arena",
            "ordblks",
            "smblks",
            "hblks",
            "hblkhd",
            "usmblks",
            "fsmblks",
            "uordblks",
            "fordblks",
            "keepcost",
        ]
    ]


def find_usage() -> Callable[[], int]:
    """Give a function that tells how many bytes malloc() gave, 0 where that isn't known."""
    function = getattr(ctypes.CDLL(None), "mallinfo2", None)
    if function is None:
        return lambda: 0
    function.restype = Usage

    def memory_in_use() -> int:
        usage = function()
        return int(usage.uordblks + usage.hblkhd)

    return memory_in_use


memory_in_use = find_usage()


def is_quiet(**most: int) -> bool:
    """Whether this process holds no more ``tasks``, ``descriptors`` and shared ``timers``."""
    return all(COUNTS[name]() <= number for name, number in most.items())


def count_tasks() -> int:
    return len(asyncio.all_tasks())


def count_timers() -> int:
    return len(timers)


def count_descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


COUNTS = {"tasks": count_tasks, "descriptors": count_descriptors, "timers": count_timers}


def collect() -> tuple[int, str]:
    """Free what only the collector of cycles can free; gives how much that was, and what."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    count = gc.collect()
    cycles = ", ".join(f"{times} {name}" for name, times in count_types(gc.garbage).items())
    gc.set_debug(0)
    gc.garbage.clear()
    gc.collect()
    return count, cycles


def census() -> dict[str, int]:
    """Count the objects that the collector of cycles knows, by their types."""
    return count_types(gc.get_objects())


def count_types(objects: list[object]) -> dict[str, int]:
    return Counter(f"{type(each).__module__}.{type(each).__qualname__}" for each in objects)
