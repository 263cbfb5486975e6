"""Deprecation warnings: what they say, and where they point."""

from __future__ import annotations

import linecache
import sys
import threading
import warnings
from typing import TYPE_CHECKING, Any

import pytest

from ws_compat.deprecation import caller, warn_deprecated

if TYPE_CHECKING:
    from tests.ws_compat.conftest import Define, Deprecated


def test_it_says_what_to_do_instead_and_points_at_the_line_of_the_caller(
    deprecated: Deprecated,
) -> None:
    with deprecated("the old is deprecated; use the new", at='warn_deprecated("the old"'):
        warn_deprecated("the old", "use the new")


@pytest.mark.parametrize("module", ["ws_asyncio.client", "websockets", "ws_compat.server"])
def test_lines_of_these_packages_are_not_the_callers(define: Define, module: str) -> None:
    call = define(module, "def call(function): return function()")["call"]
    assert call(caller) is sys._getframe()


def test_a_class_statement_is_the_callers_line(define: Define) -> None:
    source = """
import abc
from ws_compat.deprecation import caller

class Base(abc.ABC):
    def __init_subclass__(cls):
        cls.line = caller().f_lineno
"""
    base: Any = define("ws_compat.protocol", source)["Base"]

    class Derived(base):  # type: ignore[misc]
        pass

    assert "class Derived" in linecache.getline(__file__, Derived.line)


def test_with_no_other_line_on_the_stack_the_outermost_one_has_to_do(define: Define) -> None:
    source = """
from ws_compat.deprecation import caller

frames = []
def run():
    frames.append(caller())
"""
    ours = define("ws_asyncio", source)
    thread = threading.Thread()
    thread.run = ours["run"]  # type: ignore[method-assign]
    with pytest.MonkeyPatch.context() as patch:
        # What starts the thread is above it on the stack.
        patch.setitem(vars(threading), "__name__", "ws_asyncio.threading")
        thread.start()
        thread.join()
    (frame,) = ours["frames"]
    assert frame.f_globals is vars(threading)
    assert frame.f_back is None


def test_a_line_is_warned_of_once_by_default() -> None:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        for _ in range(3):
            warn_deprecated("the old", "use the new")
        warn_deprecated("the old", "use the new")
    assert len(caught) == 2
