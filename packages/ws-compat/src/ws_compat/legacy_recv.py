"""``legacy_recv``: the ``recv()`` of 1.x and 2.x, which returns None when no message comes."""

from __future__ import annotations

import functools
from typing import Any, Callable, TypeVar

from ws_asyncio import WebSocketCommonProtocol
from ws_frames import ConnectionClosed, Data

__all__ = ["use_legacy_recv", "with_legacy_recv"]

Protocol = TypeVar("Protocol", bound=WebSocketCommonProtocol)


def use_legacy_recv(connection: WebSocketCommonProtocol) -> None:
    """Let the ``recv()`` of a connection return None once it is closed."""
    cls: Any = type(connection)
    if not getattr(cls, "legacy_recv", False):
        connection.__class__ = legacy_class(cls)


# A class of its own, so that receiving costs nothing more for all other connections.
@functools.lru_cache(maxsize=64)
def legacy_class(cls: Any) -> Any:
    async def recv(self: Any) -> Data | None:
        """Wait for the next message; return None if the connection is closed instead."""
        try:
            message: Data = await cls.recv(self)
        except ConnectionClosed:
            return None
        return message

    def receiver(self: Any) -> Any:
        return cls.recv.__get__(self)

    attributes = {
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "legacy_recv": True,
        "_receiver": receiver,
        "recv": recv,
    }
    return type(cls)(cls.__name__, (cls,), attributes)


def with_legacy_recv(create_protocol: Callable[..., Protocol]) -> Callable[..., Protocol]:
    """Make a ``create_protocol`` whose connections are like that."""

    def create(*args: Any, **kwargs: Any) -> Protocol:
        protocol = create_protocol(*args, **kwargs)
        use_legacy_recv(protocol)
        return protocol

    return create
