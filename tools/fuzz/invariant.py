"""What must hold, and how it is told that it does not."""

from __future__ import annotations


class Broken(Exception):
    """Something does not hold."""


def same(what: str, one: object, other: object) -> None:
    """Raise Broken unless both are equal."""
    if one != other:
        raise Broken(f"{what} differs:\n  {short(one)}\n  {short(other)}")


def require(condition: bool, what: str) -> None:
    """Raise Broken with ``what`` unless ``condition`` holds."""
    if not condition:
        raise Broken(what)


def short(value: object) -> str:
    """Show a value on few lines."""
    text = repr(value)
    return text if len(text) <= 2000 else f"{text[:1000]} [...] {text[-1000:]}"
