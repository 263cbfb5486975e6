"""The choice of a zlib."""

from __future__ import annotations

import sys
import types
import zlib

import pytest

from ws_deflate import ZLIB, Backend, PerMessageDeflate, get_backend, set_backend, zlib_ng


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A package zlib-ng, whether one is installed or not."""
    module = types.ModuleType("zlib_ng.zlib_ng")
    vars(module).update(
        compressobj=zlib.compressobj, decompressobj=zlib.decompressobj, error=zlib.error
    )
    monkeypatch.setitem(sys.modules, "zlib_ng", types.ModuleType("zlib_ng"))
    monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", module)
    return module


@pytest.fixture
def missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package zlib-ng."""
    monkeypatch.setitem(sys.modules, "zlib_ng", None)
    monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", None)


def test_the_standard_library_is_a_backend() -> None:
    assert Backend("zlib", zlib.compressobj, zlib.decompressobj, zlib.error) == ZLIB


def test_zlib_ng_is_a_backend_where_it_is_installed(fake: types.ModuleType) -> None:
    assert zlib_ng() == Backend.of_module(fake)
    assert zlib_ng().name == "zlib_ng.zlib_ng"


@pytest.mark.usefixtures("missing")
def test_zlib_ng_raises_import_error_where_it_is_not() -> None:
    with pytest.raises(ImportError):
        zlib_ng()


@pytest.mark.usefixtures("fake")
def test_zlib_ng_is_used_where_it_is_installed() -> None:
    set_backend(None)
    assert get_backend() == zlib_ng()


@pytest.mark.usefixtures("missing")
def test_the_standard_library_is_used_where_nothing_else_is_installed() -> None:
    set_backend(None)
    assert get_backend() is ZLIB


def test_what_is_installed_is_looked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    set_backend(None)
    first = get_backend()
    monkeypatch.setitem(sys.modules, "zlib_ng.zlib_ng", None)
    assert get_backend() is first


def test_a_new_choice_is_for_new_connections() -> None:
    before = PerMessageDeflate(False, False, 15, 15)
    other = Backend("other", zlib.compressobj, zlib.decompressobj, zlib.error)
    set_backend(other)
    assert PerMessageDeflate(False, False, 15, 15).backend is other
    assert before.backend is ZLIB
    assert PerMessageDeflate(False, False, 15, 15, backend=ZLIB).backend is ZLIB
