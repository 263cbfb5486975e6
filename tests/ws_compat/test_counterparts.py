"""Instances of a class that another one takes the place of."""

from __future__ import annotations

import abc

import pytest

import ws_asyncio
import ws_compat
from ws_compat.counterparts import Counterpart


class Current:
    pass


class CurrentServer(Current):
    pass


class Compat(Current, metaclass=Counterpart):
    counterpart = Current


class CompatServer(Compat, CurrentServer):
    counterpart = CurrentServer


class Own(CompatServer):
    pass


@pytest.mark.parametrize(
    ("instance", "classes"),
    [
        (Current(), [Compat]),
        (CurrentServer(), [Compat, CompatServer]),
        (Compat(), [Compat]),
        (CompatServer(), [Compat, CompatServer]),
        (Own(), [Compat, CompatServer, Own]),
        (object(), []),
    ],
)
def test_whatever_is_an_instance_of_the_counterpart_is_one_of_the_class(
    instance: object, classes: list[type]
) -> None:
    found = [cls for cls in (Compat, CompatServer, Own) if isinstance(instance, cls)]
    assert found == classes
    assert [cls for cls in (Compat, CompatServer, Own) if issubclass(type(instance), cls)] == found


def test_a_subclass_may_be_abstract_too() -> None:
    class Interface(abc.ABC):
        @abc.abstractmethod
        def answer(self) -> int: ...

    class Both(Interface, Own):
        def answer(self) -> int:
            return 42

    assert isinstance(Both(), Interface)
    assert isinstance(Both(), Compat)


@pytest.mark.parametrize(
    "name",
    [
        "BasicAuthWebSocketServerProtocol",
        "WebSocketClientProtocol",
        "WebSocketCommonProtocol",
        "WebSocketServer",
        "WebSocketServerProtocol",
    ],
)
def test_each_class_of_ws_asyncio_has_one(name: str) -> None:
    compat, current = getattr(ws_compat, name), getattr(ws_asyncio, name)
    assert compat.counterpart is current
    assert issubclass(compat, current)
    assert issubclass(current, compat)
