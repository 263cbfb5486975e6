"""Does memory grow with an exercise, or a reference count?"""

from __future__ import annotations

import gc
import os
import sys
import tracemalloc
from collections.abc import Sequence

from ws_frames import (
    ConnectionClosedOK,
    Frame,
    InvalidUTF8,
    Opcode,
    PayloadTooBig,
    Phase,
    ProtocolError,
)

from .case import Case, Exercise, speedups

HELD = [
    None, True, False, Frame, InvalidUTF8, PayloadTooBig, ProtocolError, ConnectionClosedOK, os,
    Phase.OPEN, *Opcode, speedups.Inbox, speedups.Outbox, speedups.Parser,
]  # fmt: skip


def counts() -> dict[str, int]:
    gc.collect()
    # Not of what is never freed: its count says nothing.
    found = {
        f"references to {value!r}": sys.getrefcount(value)
        for value in HELD
        if sys.getrefcount(value) < 1 << 29
    }
    if hasattr(sys, "gettotalrefcount"):
        found["references"] = sys.gettotalrefcount()
    found["blocks"] = sys.getallocatedblocks()
    found["bytes"] = tracemalloc.get_traced_memory()[0]
    return found


# What leaks grows in each of them; a cache is full at some time.
WINDOWS = 12
ROUNDS = 50

# The least that is worth a report, for each round. Where few bytes leak, blocks do.
LEAST = {"bytes": 64}


def leaks(exercises: Sequence[Exercise]) -> list[str]:
    """Say what grew with each round of an exercise, in every window of some rounds."""
    found = []
    tracemalloc.start()
    for run in exercises:
        cases = list(run())
        windows = [grown(cases) for _ in range(WINDOWS)]
        least = {name: min(each.get(name, 0) for each in windows) for name in windows[0]}
        reports = [
            f"{name} +{more}" for name, more in least.items() if more >= ROUNDS * LEAST.get(name, 1)
        ]
        print(f"{run.__name__:30} {', '.join(reports) or 'nothing grows'}", flush=True)
        found += [f"{run.__name__}: {each}" for each in reports]
    tracemalloc.stop()
    return found


def grown(cases: list[Case]) -> dict[str, int]:
    base = counts()
    before = counts()  # what this takes is known from the difference to the other
    for _ in range(ROUNDS):
        for case in cases:
            case()
    after = counts()
    return {
        name: after[name] - 2 * before[name] + base[name] for name in base.keys() & after.keys()
    }
