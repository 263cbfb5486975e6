"""What the tests of the import paths share."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Callable

import pytest

HandsOn = Callable[[ModuleType, "dict[str, Any]"], None]


@pytest.fixture
def hands_on() -> HandsOn:
    """Check that a module has these names, each the very object given, and no other."""

    def check(module: ModuleType, expected: dict[str, Any]) -> None:
        found = {name: getattr(module, name) for name in module.__all__}
        assert found == expected
        assert {name: id(value) for name, value in found.items()} == {
            name: id(value) for name, value in expected.items()
        }

    return check
