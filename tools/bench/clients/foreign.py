"""The foreign project called websockets, as a user writes it."""

from __future__ import annotations

import asyncio
from typing import Any

from websockets.asyncio.client import connect  # type: ignore[import-not-found]

from bench.clients.stage import LARGE, Data, Trial, run


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


async def exchange(trial: Trial) -> None:
    message = trial.make_message()
    options: dict[str, Any] = {"compression": "deflate" if trial.compression else None}
    if trial.large:
        options["max_size"] = LARGE
    async with connect(trial.uri, proxy=None, **options) as ws:
        exchange_all = in_flight if trial.sliding else in_bursts
        await (in_fragments if trial.fragment else exchange_all)(ws, trial, message)


if __name__ == "__main__":
    run(exchange)
