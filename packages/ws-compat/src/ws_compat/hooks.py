"""Methods that subclasses of a connection overrode though no documentation told them to."""

from __future__ import annotations

from .arguments import is_plain_function
from .deprecation import warn_deprecated
from .replacements import REPLACEMENTS

__all__ = ["overrides", "warn_of_overrides"]


def overrides(connection: object, base: type, name: str) -> bool:
    """Whether the class of a connection has a method of its own instead of that of ``base``."""
    return getattr(type(connection), name) is not getattr(base, name)


def warn_of_overrides(cls: type, side: str) -> None:
    """Warn, at the class statement, of each method that a class of this side shouldn't have.

    And of a ``process_request()`` that is no coroutine.
    """
    for name in vars(cls):
        what = f"overriding {name}() of a {side}"
        if what in REPLACEMENTS:
            warn_deprecated(what)
    if is_plain_function(vars(cls).get("process_request")):
        warn_deprecated("process_request() as a function")
