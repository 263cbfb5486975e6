"""Leaks that are planted, to see that they are found."""

from __future__ import annotations

import asyncio
import os
from typing import Callable

from ws_asyncio import WebSocketCommonProtocol

__all__ = ["LEAKS", "Leak"]

Leak = Callable[[WebSocketCommonProtocol], object]

kept: list[object] = []


def keep_connection(ws: WebSocketCommonProtocol) -> None:
    kept.append(ws)


def keep_memory(ws: WebSocketCommonProtocol) -> None:
    kept.append(bytearray(b"\xff") * 4096)


def keep_descriptor(ws: WebSocketCommonProtocol) -> None:
    # Some of them: there may not be enough for all.
    if len(kept) < 100:
        kept.append(os.dup(0))


def keep_task(ws: WebSocketCommonProtocol) -> None:
    kept.append(asyncio.ensure_future(asyncio.Event().wait()))


def make_garbage(ws: WebSocketCommonProtocol) -> None:
    cycle: list[object] = []
    cycle.append(cycle)


LEAKS: dict[str, Leak] = {
    "connections": keep_connection,
    "memory": keep_memory,
    "descriptors": keep_descriptor,
    "tasks": keep_task,
    "garbage": make_garbage,
}
