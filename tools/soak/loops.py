"""Event loops, without what asyncio itself leaves of each connection."""

from __future__ import annotations

import asyncio
from asyncio import base_events, selector_events
from importlib import import_module
from typing import Any

__all__ = ["new_loop"]


def new_loop(name: str) -> asyncio.AbstractEventLoop:
    """Make an event loop of asyncio, or of uvloop."""
    if name == "asyncio":
        let_go()
    loop: asyncio.AbstractEventLoop = import_module(name).new_event_loop()
    return loop


def let_go() -> None:
    """Have asyncio let go of what it keeps of a connection that has been lost.

    Its transports keep their own methods as attributes, a cycle of seven objects in Python
    3.11, whatever their protocol does. And about a hundred timers that were cancelled are
    kept until they would have been due. Without that, what is left of a connection is ours.
    """
    parts: dict[str, Any] = vars(selector_events)
    transport = parts["_SelectorSocketTransport"]
    lose = transport._call_connection_lost

    def call_connection_lost(self: Any, exc: Exception | None) -> None:
        try:
            lose(self, exc)
        finally:
            for name in ("_read_ready_cb", "_write_ready"):
                if name in vars(self):
                    setattr(self, name, None)

    transport._call_connection_lost = call_connection_lost
    limits: dict[str, Any] = vars(base_events)
    for name in ("_MIN_SCHEDULED_TIMER_HANDLES", "_MIN_CANCELLED_TIMER_HANDLES_FRACTION"):
        assert name in limits
        setattr(base_events, name, 0)
