"""Methods that subclasses of a connection overrode though no documentation told them to."""

from __future__ import annotations

from collections.abc import Mapping

from .arguments import is_plain_function
from .deprecation import warn_deprecated

__all__ = ["overrides", "warn_of_overrides"]


def overrides(connection: object, base: type, name: str) -> bool:
    """Whether the class of a connection has a method of its own instead of that of ``base``."""
    return getattr(type(connection), name) is not getattr(base, name)


def warn_of_overrides(cls: type, instead: Mapping[str, str]) -> None:
    """Warn, at the class statement, of each method in ``instead``, with what to do instead.

    And of a ``process_request()`` that is no coroutine.
    """
    for name, what in instead.items():
        if name in vars(cls):
            warn_deprecated(f"overriding {name}()", what)
    if is_plain_function(vars(cls).get("process_request")):
        warn_deprecated("process_request() as a function", "define it with async def")
