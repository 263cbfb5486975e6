"""A guard, and how to take it out."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Guard"]


class Guard(NamedTuple):
    """What stops a threat.

    ``name`` says what would be so without it. ``module`` is a path below the ``src`` folder of
    its package, or a file of the C. A test may have a keyword behind it, which picks some of its
    parameters.
    """

    name: str
    module: str
    old: str
    new: str
    tests: list[str]
