"""Words for those who forget that something is asynchronous.

What is raised here would be an error anyway, in Python's words, which say nothing of what to
write instead. Type checkers don't see it, and go on finding these errors by themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

__all__ = ["OnlyAsync", "Unawaited"]


class Unawaited:
    """What ``connect()`` and ``serve()`` give, until it is awaited."""

    #: How it is called, what it gives, and a name for that.
    _called: str
    _gives: type[Any]
    _gift: str

    if not TYPE_CHECKING:

        def __repr__(self) -> str:
            how = f"'async with {self._called}(...)' or 'await {self._called}(...)'"
            return f"<{self._called}(), not awaited yet: use {how} in a coroutine>"

        def __getattr__(self, name: str) -> Any:
            called = type(self)._called
            text = f"{called}() has no attribute {name!r}"
            if not name.startswith("_") and hasattr(type(self)._gives, name):
                how = f"{self._gift} = await {called}(...)"
                text += f" before it is awaited: use 'async with {called}(...)' or '{how}'"
            raise AttributeError(text)

        def __enter__(self) -> Any:
            raise TypeError(f"use 'async with {self._called}(...)' instead of 'with'")

        def __exit__(self, *exc_info: object) -> None:
            """Never called, and needed for the other to be."""


class OnlyAsync:
    """A connection, of which the messages arrive one by one."""

    __slots__ = ()

    if not TYPE_CHECKING:
        # Where there is no __iter__(), which would make it an Iterable, Python begins with 0.
        def __getitem__(self, index: Any) -> Any:
            if index == 0:
                raise TypeError("use 'async for message in ...' instead of 'for'")
            raise TypeError(f"{type(self).__name__!r} object is not subscriptable")
