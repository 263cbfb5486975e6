"""What the tests of the import paths share: the table of names, and how one is checked."""

from __future__ import annotations

import ast
import inspect
import warnings
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Callable, NamedTuple

import pytest

TABLE = Path(__file__).with_name("names.txt")


class Name(NamedTuple):
    """A row of the table: a name at a path."""

    path: str
    name: str
    owner: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}.{self.name}"

    @property
    def owned(self) -> Any:
        """What it is, taken from where it lives."""
        package, *parts = self.owner.split(".")
        found: Any = import_module(package)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            for part in parts:
                found = getattr(found, part)
        return found

    @property
    def warning(self) -> str | None:
        """What a use of it says, if it is deprecated."""
        return None if self.instead == "-" else f"{self} is deprecated; use {self.instead}"


def read_table() -> list[Name]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [Name(*line.split(None, 3)) for line in lines if line and not line.startswith("#")]


NAMES = read_table()
PATHS = sorted({each.path for each in NAMES})

#: Check one name at one path.
CheckName = Callable[[Name], None]

#: Check that a module has the names of the table and no other, for programs, people and checkers.
HandsOn = Callable[[ModuleType], None]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "documented" in metafunc.fixturenames:
        metafunc.parametrize("documented", NAMES, ids=str)
    if "alias" in metafunc.fixturenames:
        elsewhere = [each for each in NAMES if each.owner != str(each)]
        metafunc.parametrize("alias", elsewhere, ids=str)
    if "module_path" in metafunc.fixturenames:
        metafunc.parametrize("module_path", PATHS)
    if "submodule" in metafunc.fixturenames:
        metafunc.parametrize("submodule", [each for each in PATHS if "." in each])


@pytest.fixture
def names() -> list[Name]:
    """All rows of the table."""
    return NAMES


@pytest.fixture
def check_name() -> CheckName:
    """Check that a name at a path is what its owner has, and warns if it has to."""

    def check(documented: Name) -> None:
        expected = [] if documented.warning is None else [documented.warning]
        assert taken_as_attribute(documented) == (documented.owned, expected)
        assert taken_by_import(documented) == (documented.owned, expected)

    return check


@pytest.fixture
def hands_on(check_name: CheckName) -> HandsOn:
    def check(module: ModuleType) -> None:
        rows = [each for each in NAMES if each.path == module.__name__]
        listed = sorted(each.name for each in rows)
        assert listed != []
        assert sorted(module.__all__) == listed
        assert set(listed) <= set(dir(module))
        assert set(listed) <= names_for_checkers(module)
        for each in rows:
            check_name(each)

    return check


def taken_as_attribute(documented: Name) -> tuple[Any, list[str]]:
    """Take a name as an attribute; gives it, and what is said at the line that does."""
    module = import_module(documented.path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = getattr(module, documented.name)
    return found, said(caught, __file__)


def taken_by_import(documented: Name) -> tuple[Any, list[str]]:
    found: dict[str, Any] = {}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        exec(f"from {documented.path} import {documented.name}", found)  # noqa: S102
    return found[documented.name], said(caught, "<string>")


def said(caught: list[warnings.WarningMessage], filename: str) -> list[str]:
    assert {(each.category, each.filename) for each in caught} <= {(DeprecationWarning, filename)}
    return [str(each.message) for each in caught]


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
