"""Who opens sockets: the event loop, or aiofastnet where that is faster.

The package aiofastnet has the same functions as an event loop, with other transports
behind them. Measured by tools/bench_transports.py it is faster for TLS on every loop, and
for plain TCP on the loops of asyncio, but not on uvloop. It comes with the extra
``ws-asyncio[fast]``.
"""

from __future__ import annotations

import asyncio
import importlib
from typing import Any

__all__ = ["opener", "set_transports"]

NAMES = ("auto", "loop", "aiofastnet")

chosen = "auto"


def set_transports(name: str) -> None:
    """Choose the transports of the connections and servers made from now on.

    ``"loop"`` are those of the event loop, ``"aiofastnet"`` those of that package.
    ``"auto"``, the default, takes that package where it is installed and faster.

    Raises ValueError for another name, ImportError for a package that isn't installed.
    """
    global chosen
    if name not in NAMES:
        raise ValueError(f"unknown transports {name!r}; they are one of {', '.join(NAMES)}")
    if name == "aiofastnet":
        importlib.import_module("aiofastnet")
    chosen = name


def opener(loop: asyncio.AbstractEventLoop, name: str, *, tls: bool) -> Any:
    """Give a function that opens sockets: a method of the loop, or what stands in for it.

    ``name`` is the one of the method, such as ``create_connection``.
    """
    if chosen == "aiofastnet" or (chosen == "auto" and (tls or not is_uvloop(loop))):
        package = find_aiofastnet()
        if package is not None:
            return getattr(package, name).__get__(loop)
    return getattr(loop, name)


def is_uvloop(loop: asyncio.AbstractEventLoop) -> bool:
    return type(loop).__module__.partition(".")[0] == "uvloop"


def find_aiofastnet() -> Any:
    try:
        return importlib.import_module("aiofastnet")
    except ImportError:
        return None
