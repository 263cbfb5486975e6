"""What users of the libraries do whose connections are like those of websockets."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.clients.stage import Data, Trial

__all__ = ["play"]


async def play(trial: Trial, ws: Any) -> None:
    """Send messages on the connection, and see that each comes back."""
    message = trial.make_message()
    if trial.fragment:
        await in_fragments(ws, trial, message)
    elif trial.sliding:
        await in_flight(ws, trial, message)
    else:
        await in_bursts(ws, trial, message)


async def in_bursts(ws: Any, trial: Trial, message: Data) -> None:
    for _ in trial:
        for _ in range(trial.burst):
            await ws.send(message)
        for _ in range(trial.burst):
            if await ws.recv() != message:
                trial.wrong()


async def in_fragments(ws: Any, trial: Trial, message: Data) -> None:
    """Receive while it is sent: the server gives each fragment back as it comes."""
    fragments = trial.cut(message)
    for _ in trial:
        _, answer = await asyncio.gather(ws.send(fragments), ws.recv())
        if answer != message:
            trial.wrong()


async def in_flight(ws: Any, trial: Trial, message: Data) -> None:
    for _ in range(trial.burst):
        await ws.send(message)
    for _ in trial:
        for _ in range(trial.burst):
            if await ws.recv() != message:
                trial.wrong()
            await ws.send(message)
    for _ in range(trial.burst):  # some are slow to close while messages wait
        await ws.recv()
