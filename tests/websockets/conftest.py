"""What the tests of the import paths share."""

from __future__ import annotations

import ast
import inspect
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

import pytest

#: Check the names of a module: those that it has, and those that are deprecated there, each
#: with what to write instead.
HandsOn = Callable[..., None]


@pytest.fixture
def hands_on() -> HandsOn:
    """Check that a module has these names and no other, for programs, people and checkers."""

    def check(
        module: ModuleType,
        names: dict[str, Any] | None = None,
        deprecated: dict[str, tuple[Any, str]] | None = None,
    ) -> None:
        names, deprecated = names or {}, deprecated or {}
        assert sorted(module.__all__) == sorted([*names, *deprecated])
        assert set(module.__all__) <= set(dir(module))
        assert set(module.__all__) <= names_for_checkers(module)
        for name, expected in names.items():
            assert take(module, name) == [expected]
        for name, (expected, instead) in deprecated.items():
            text = f"{module.__name__}.{name} is deprecated; use {instead}"
            assert take(module, name) == [expected, (__file__, text), ("<string>", text)]

    return check


def take(module: ModuleType, name: str) -> list[Any]:
    """Take a name as an attribute, and by an import; gives it, and the warnings."""
    found: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        attribute = getattr(module, name)
        exec(f"from {module.__name__} import {name}", found)  # noqa: S102
    assert {each.category for each in caught} <= {DeprecationWarning}
    assert found[name] is attribute
    return [attribute, *((each.filename, str(each.message)) for each in caught)]


def names_for_checkers(module: ModuleType) -> set[str]:
    """The names that a module imports or defines, for those who don't run it."""
    source = Path(inspect.getfile(module)).read_text(encoding="utf-8")
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return names
