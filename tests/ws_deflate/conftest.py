"""Backends that the tests run over: those installed, and some that behave oddly."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from typing import Any, Callable

import pytest

from ws_deflate import ZLIB, Backend, set_backend, zlib_ng


class Wrapped:
    """A decompression object that hands everything on to the standard library's."""

    def __init__(self, wbits: int) -> None:
        self.inner = ZLIB.decompressobj(wbits=wbits)

    @property
    def eof(self) -> bool:
        return self.inner.eof

    @property
    def unused_data(self) -> bytes:
        return self.inner.unused_data

    @property
    def unconsumed_tail(self) -> bytes:
        return self.inner.unconsumed_tail

    def decompress(self, data: Any, max_length: int, /) -> bytes:
        return self.inner.decompress(data, max_length)


class Overshooting(Wrapped):
    """Gives more than it was asked for."""

    def decompress(self, data: Any, max_length: int, /) -> bytes:
        return self.inner.decompress(data, max_length + 300)


class Hoarding(Wrapped):
    """Takes all that it gets at once, and keeps what it can't give yet to itself."""

    held = b""

    @property
    def unconsumed_tail(self) -> bytes:
        return b""

    def decompress(self, data: Any, max_length: int, /) -> bytes:
        piece = self.inner.decompress(self.held + bytes(data), max_length)
        self.held = self.inner.unconsumed_tail
        return piece


def isal() -> Backend:
    """ISA-L, whose levels are others."""
    isal_zlib: Any = import_module("isal.isal_zlib")

    def compressobj(*, wbits: int, level: int = -1, **settings: int) -> Any:
        settings.pop("strategy", None)
        return isal_zlib.compressobj(level=min(max(level, 0), 3), wbits=wbits, **settings)

    return Backend("isal", compressobj, isal_zlib.decompressobj, isal_zlib.error)


BACKENDS: dict[str, Callable[[], Backend]] = {
    "zlib": lambda: ZLIB,
    "zlib-ng": zlib_ng,
    "isal": isal,
    "overshooting": lambda: Backend("overshooting", ZLIB.compressobj, Overshooting, ZLIB.error),
    "hoarding": lambda: Backend("hoarding", ZLIB.compressobj, Hoarding, ZLIB.error),
}
MODULES = {"zlib-ng": "zlib_ng", "isal": "isal"}


INSTALLED = [name for name in BACKENDS if find_spec(MODULES.get(name, "zlib"))]


@pytest.fixture(params=INSTALLED, scope="session")
def backend(request: pytest.FixtureRequest) -> Backend:
    """Each backend in turn; those that are not installed are left out."""
    return BACKENDS[request.param]()


@pytest.fixture(autouse=True)
def default_backend() -> Iterator[None]:
    """Have each test begin, and leave, with the backend of the standard library."""
    set_backend(ZLIB)
    yield
    set_backend(None)


@pytest.fixture
def fed() -> list[int]:
    """How many bytes were given to :func:`measuring`, call by call."""
    return []


@pytest.fixture
def measuring(fed: list[int]) -> Backend:
    """A backend that takes down what it is given to decompress."""

    class Measuring(Wrapped):
        def decompress(self, data: Any, max_length: int, /) -> bytes:
            fed.append(len(data))
            return super().decompress(data, max_length)

    return Backend("measuring", ZLIB.compressobj, Measuring, ZLIB.error)
