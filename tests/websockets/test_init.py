"""``import websockets``."""

from __future__ import annotations

import importlib
from importlib.metadata import version

import pytest

import websockets

MODULES = ["client", "datastructures", "exceptions", "server", "typing"]


def test_the_version_is_the_release() -> None:
    assert websockets.__version__ == ".".join(version("websockets").split(".")[:2])


@pytest.mark.parametrize("name", MODULES)
def test_what_a_module_hands_on_is_the_same_at_the_top(name: str) -> None:
    module = importlib.import_module(f"websockets.{name}")
    shared = set(module.__all__) & set(websockets.__all__)
    assert shared
    assert [each for each in shared if getattr(module, each) is not getattr(websockets, each)] == []
