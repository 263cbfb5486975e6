"""What objects a process holds, and where in a connection they are: asked in the process itself."""

from __future__ import annotations

import contextlib
import gc
import re
import sys
from collections.abc import Iterator
from types import CoroutineType, GetSetDescriptorType, MemberDescriptorType
from typing import Any

__all__ = ["census", "places"]

CONNECTION = "WebSocketServerProtocol"

ATTRIBUTE = re.compile(r"\.__dict__\['(\w+)'\]")

# Objects by their ids, each with where it is.
Walk = dict[int, "tuple[Any, str]"]


def census() -> dict[str, tuple[int, int]]:
    """How many objects of each type there are, and their bytes, by what they say themselves."""
    gc.collect()
    counts: dict[str, tuple[int, int]] = {}
    for each in everything():
        name = name_of(type(each))
        number, size = counts.get(name, (0, 0))
        counts[name] = (number + 1, size + sys.getsizeof(each))
    return counts


def everything() -> Iterator[Any]:
    """All that the collector of cycles knows, and what it doesn't know but these refer to."""
    waiting = gc.get_objects()
    seen = set(map(id, waiting))
    while waiting:
        each = waiting.pop()
        yield each
        for other in gc.get_referents(each):
            if id(other) not in seen:
                seen.add(id(other))
                waiting.append(other)


def places() -> dict[str, list[str]]:
    """Where in a connection, ``ws``, there are objects of each type.

    Two connections are walked through in step. What both reach is of neither, and nobody goes on
    from there: the event loop, the server, and by it all other connections.
    """
    walks = [{id(each): (each, "ws")} for each in connections()[:2]]
    kept: dict[int, Any] = {}
    found: dict[str, list[str]] = {}
    while any(walks):
        for each, path in walks[0].values():
            found.setdefault(name_of(type(each)), []).append(path)
        for walk in walks:
            kept.update((at, each) for at, (each, _) in walk.items())
        one, other = (dict(reached(walk)) for walk in walks)
        passed = kept.keys() | (one.keys() & other.keys())
        walks = [{at: walk[at] for at in walk if at not in passed} for walk in (one, other)]
    return found


def connections() -> list[Any]:
    return [each for each in gc.get_objects() if type(each).__name__ == CONNECTION]


def reached(walk: Walk) -> Iterator[tuple[int, tuple[Any, str]]]:
    for each, path in walk.values():
        others = gc.get_referents(each)  # before a dict is made for the attributes
        names = {id(value): name for name, value in attributes(each)}
        for other in others:
            where = path + names.get(id(other), " …")
            yield id(other), (other, ATTRIBUTE.sub(r".\1", where))


def attributes(each: Any) -> Iterator[tuple[str, Any]]:
    """What it holds, and what to write behind its own name for it."""
    if isinstance(each, dict):
        yield from ((f"[{key!r}]", value) for key, value in each.items())
    elif isinstance(each, (list, tuple)):
        yield from ((f"[{index}]", value) for index, value in enumerate(each))
    elif isinstance(each, CoroutineType):
        if each.cr_frame:
            yield from ((f" {name}", value) for name, value in each.cr_frame.f_locals.items())
        yield " awaits", each.cr_await
    else:
        yield from ((f".{name}", value) for name, value in members(each))


def members(each: Any) -> Iterator[tuple[str, Any]]:
    yield from getattr(each, "__dict__", {}).items()
    for kind in type(each).__mro__:
        for name, member in vars(kind).items():
            if isinstance(member, (MemberDescriptorType, GetSetDescriptorType)):
                with contextlib.suppress(Exception):  # of a C type that has nothing there
                    yield name, getattr(each, name)


def name_of(kind: type) -> str:
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
