"""What can be fuzzed."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import Any, Callable, Protocol

from . import (
    connection,
    deflate,
    differential,
    grammar,
    parser,
    requests,
    responses,
    serializer,
    uri,
)


class Target(Protocol):
    """A module of this package that is one."""

    __doc__: str | None

    @property
    def SEEDS(self) -> Sequence[bytes]:
        """What :meth:`read` takes and is known to be of interest."""

    @property
    def Case(self) -> Any:
        """The named tuple that an input is."""

    def make(self, rng: random.Random) -> Any:
        """Make an input at random."""

    def read(self, data: bytes) -> Any:
        """Make an input out of bytes: any will do."""

    def check(self, case: Any) -> None:
        """Raise an exception if something does not hold."""


TARGETS: dict[str, Target] = {
    "parser": parser,
    "differential": differential,
    "serializer": serializer,
    "connection": connection,
    "requests": requests,
    "responses": responses,
    "uri": uri,
    "grammar": grammar,
    "deflate": deflate,
}


def about(name: str) -> str:
    """Say in a line what a target is, and what must hold there."""
    return (TARGETS[name].__doc__ or "").strip().splitlines()[0]


def cases(name: str, rng: random.Random) -> Iterator[Any]:
    """Make inputs without end."""
    target = TARGETS[name]
    make_many: Callable[[random.Random], Iterator[Any]] | None = getattr(target, "make_many", None)
    if make_many is not None:
        yield from make_many(rng)
    while True:
        yield target.make(rng)


def words(name: str) -> list[bytes]:
    """What inputs of a target are made up of, for what mutates bytes."""
    found: list[bytes] = getattr(TARGETS[name], "WORDS", [])
    return found
