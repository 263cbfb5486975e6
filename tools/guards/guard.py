"""A guard, and how to take it out."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Guard"]


class Guard(NamedTuple):
    """What stops a threat.

    ``module`` is a path below the ``src`` folder of its package. Of ``tests``, those with a
    keyword behind them are run for what has it in its name.
    """

    name: str
    module: str
    old: str
    new: str
    tests: list[str]
