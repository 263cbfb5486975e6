"""The C and the pure Python, side by side; where the C is not built, Python stands for both."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import ws_frames.connection
import ws_frames.encoder
import ws_frames.pings
from ws_frames import pure

speedups: Any
try:
    from ws_frames import _speedups as speedups
except ImportError:
    speedups = None

#: What is compared.
TWINS: list[Any] = [speedups or pure, pure]


@contextmanager
def use(twin: Any, seed: int) -> Iterator[None]:
    """Have connections use one twin, and masks and pings that come from a seed."""
    replaced: list[tuple[ModuleType, str]] = [
        (ws_frames.connection, "Parser"),
        (ws_frames.encoder, "encode_frame"),
        (ws_frames.pings, "new_mask"),
    ]
    before = [getattr(module, name) for module, name in replaced]
    urandom = os.urandom
    os.urandom = random.Random(seed).randbytes
    twin.forget_masks()
    for module, name in replaced:
        setattr(module, name, getattr(twin, name))
    try:
        yield
    finally:
        for (module, name), value in zip(replaced, before):
            setattr(module, name, value)
        twin.forget_masks()
        os.urandom = urandom
