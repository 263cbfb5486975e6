"""What all consoles have in common."""

from __future__ import annotations

import inspect

import pytest

from ws_asyncio.interactive.console import Console
from ws_asyncio.interactive.editor import EditorConsole
from ws_asyncio.interactive.pipe import PipeConsole
from ws_asyncio.interactive.plain import PlainConsole

METHODS = ["__enter__", "__exit__", "read", "message", "notice", "problem"]


@pytest.mark.parametrize("console", [EditorConsole, PipeConsole, PlainConsole])
@pytest.mark.parametrize("name", METHODS)
def test_a_console_has_what_a_session_asks_of_it(console: type, name: str) -> None:
    expected = inspect.signature(getattr(Console, name)).parameters
    assert list(inspect.signature(getattr(console, name)).parameters) == list(expected)
    assert isinstance(console.scripted, bool)  # type: ignore[attr-defined]
