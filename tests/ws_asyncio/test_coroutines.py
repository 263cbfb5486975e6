from __future__ import annotations

import asyncio
import inspect
import sys
import warnings
from types import SimpleNamespace
from typing import Any

import pytest

from ws_asyncio import WebSocketCommonProtocol, coroutines

METHODS = [WebSocketCommonProtocol.recv, WebSocketCommonProtocol.send]


@pytest.mark.parametrize("method", METHODS)
def test_recv_and_send_are_coroutine_functions(method: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of asyncio's, since Python 3.14
        assert asyncio.iscoroutinefunction(method)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="inspect can be told since Python 3.12")
@pytest.mark.parametrize("method", METHODS)
def test_inspect_takes_recv_and_send_for_coroutine_functions(method: Any) -> None:
    assert inspect.iscoroutinefunction(method)


@pytest.mark.parametrize("version", ["before 3.12", "today's"])
def test_the_mark_is_what_each_version_of_python_looks_for(
    monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    marked: list[object] = []
    fake = SimpleNamespace()
    if version != "before 3.12":
        fake.markcoroutinefunction = marked.append
    monkeypatch.setattr(coroutines, "inspect", fake)
    monkeypatch.setattr(coroutines, "MARK", "the mark")

    def function() -> None: ...

    assert coroutines.coroutine_function(function) is function
    if version == "before 3.12":
        assert vars(function)["_is_coroutine"] == "the mark"
    else:
        assert marked == [function]
