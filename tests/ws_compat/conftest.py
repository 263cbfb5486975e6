"""What the tests of deprecated things share."""

from __future__ import annotations

import linecache
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Callable

import pytest

#: The names that a module defines, from its name and its source.
Define = Callable[[str, str], "dict[str, Any]"]

#: Deprecated things are used in it: each of these texts is said, once, and nothing else.
Deprecated = Callable[..., "AbstractContextManager[None]"]


@pytest.fixture
def define() -> Define:
    """Run the source of a module; its file is called ``<module>``."""

    def define(module: str, source: str) -> dict[str, Any]:
        namespace: dict[str, Any] = {"__name__": module}
        exec(compile(source, f"<{module}>", "exec"), namespace)  # noqa: S102
        return namespace

    return define


@pytest.fixture
def deprecated(request: pytest.FixtureRequest) -> Deprecated:
    """Expect warnings, at a line of the test that has the text ``at`` in it."""

    @contextmanager
    def expect(*texts: str, at: str = "") -> Iterator[None]:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            yield
        assert sorted(str(each.message) for each in caught) == sorted(texts)
        for each in caught:
            assert each.category is DeprecationWarning
            assert each.filename == str(request.path)
            assert at in linecache.getline(each.filename, each.lineno)

    return expect
