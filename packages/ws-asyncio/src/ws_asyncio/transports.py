"""Who opens sockets: the event loop, or aiofastnet where that is faster.

The package aiofastnet has the same functions as an event loop, with other transports
behind them. tools/bench_transports.py measures what they gain: much on the loops of asyncio
and little or nothing for plain TCP on uvloop. On servers with TLS they log a traceback for
each client that fails its TLS handshake, so they aren't taken there unless asked for. The
package comes with the extra ``ws-asyncio[fast]``.
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
    if chosen == "aiofastnet" or (chosen == "auto" and is_worth_it(loop, name, tls)):
        package = find_aiofastnet()
        if package is not None:
            return getattr(package, name).__get__(loop)
    return getattr(loop, name)


def is_worth_it(loop: asyncio.AbstractEventLoop, name: str, tls: bool) -> bool:
    if tls:
        return name not in ("create_server", "create_unix_server")
    return type(loop).__module__.partition(".")[0] != "uvloop"


def find_aiofastnet() -> Any:
    try:
        return importlib.import_module("aiofastnet")
    except ImportError:
        return None
