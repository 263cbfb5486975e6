"""Classes that take the place of those of ws_asyncio, and their instances for their own."""

from __future__ import annotations

from abc import ABCMeta

__all__ = ["Counterpart"]


class Counterpart(ABCMeta):
    """Metaclass of a class that adds what is deprecated to its ``counterpart``.

    Whatever is an instance of that one is an instance of the class too: a program that
    asks ``isinstance(connection, websockets.WebSocketServerProtocol)`` doesn't want to
    know who made it. This goes for the class itself, not for its subclasses.

    It is an ABCMeta, so that programs can derive from the class and from an abstract one.
    """

    def __subclasscheck__(cls, subclass: type) -> bool:
        counterpart = vars(cls).get("counterpart")
        if counterpart is not None and issubclass(subclass, counterpart):
            return True
        return super().__subclasscheck__(subclass)
