"""Arguments that are lists, for which a single string is easily given."""

from __future__ import annotations

__all__ = ["check_list"]


def check_list(name: str, value: object) -> None:
    """Raise TypeError for a string, whose characters would be taken for the items."""
    if isinstance(value, str):
        raise TypeError(f"{name} must be a list, not a string; [{value!r:.80}] is one")
