"""Keys that mask what a client sends (RFC 6455 §5.3, §10.3)."""

from __future__ import annotations

import os

__all__ = ["forget_masks", "new_mask"]

# A system call a frame is slow, so this many bytes are drawn at a time.
POOL_SIZE = 4096

pool: list[bytes] = []


def new_mask() -> bytes:
    """Draw four bytes that nobody can predict."""
    # "The masking key needs to be unpredictable; thus, the masking key MUST be
    # derived from a strong source of entropy".
    while True:
        try:
            return pool.pop()  # one step, so that no two threads draw the same key
        except IndexError:
            drawn = os.urandom(POOL_SIZE)
            if len(drawn) != POOL_SIZE:
                raise ValueError(f"os.urandom gave {len(drawn)} bytes, not {POOL_SIZE}") from None
            pool.extend(drawn[i : i + 4] for i in range(0, POOL_SIZE, 4))


def forget_masks() -> None:
    """Empty the pool, so that a forked child doesn't draw the keys of its parent."""
    pool.clear()
