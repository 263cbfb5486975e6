"""Which zlib does the work.

A backend is any module with the interface of the standard library's :mod:`zlib`.
Which one new connections use can be changed at run time; those that are open keep
theirs, since a window cannot move from one to another.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Callable, Protocol

__all__ = ["ZLIB", "Backend", "Compressor", "Decompressor", "get_backend", "set_backend", "zlib_ng"]


class Compressor(Protocol):
    """What is needed of a compression object of :mod:`zlib`."""

    def compress(self, data: bytes, /) -> bytes: ...

    def flush(self, mode: int, /) -> bytes: ...


class Decompressor(Protocol):
    """What is needed of a decompression object of :mod:`zlib`.

    ``max_length`` need not be kept to exactly: what is beyond it counts, and is not lost.
    """

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    @property
    def unconsumed_tail(self) -> bytes: ...

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


@dataclass(frozen=True)
class Backend:
    """The two functions that make objects, and the exception that these raise.

    ``compressobj`` is called with keyword arguments: ``wbits`` from -9 to -15, and
    those of ``compress_settings``. ``decompressobj`` is called with ``wbits`` from -8
    to -15 alone.
    """

    name: str
    compressobj: Callable[..., Compressor]
    decompressobj: Callable[..., Decompressor]
    error: type[Exception]

    @classmethod
    def of_module(cls, module: Any) -> Backend:
        """Make one of a module that is like :mod:`zlib`."""
        return cls(module.__name__, module.compressobj, module.decompressobj, module.error)


#: The standard library's.
ZLIB = Backend.of_module(zlib)

_chosen: Backend | None = None


def zlib_ng() -> Backend:
    """Return the backend of the package ``zlib-ng``; the extra ``fast`` installs it.

    Raises ImportError where it is not installed.
    """
    return Backend.of_module(import_module("zlib_ng.zlib_ng"))


def get_backend() -> Backend:
    """Return what new connections use: zlib-ng where it is installed, else :data:`ZLIB`."""
    global _chosen
    if _chosen is None:
        try:
            _chosen = zlib_ng()
        except ImportError:
            _chosen = ZLIB
    return _chosen


def set_backend(backend: Backend | None) -> None:
    """Choose what new connections use; None leaves it to what is installed."""
    global _chosen
    _chosen = backend
