"""The foreign project called websockets, as a user writes it."""

from __future__ import annotations

from websockets.asyncio.client import connect  # type: ignore[import-not-found]

from bench.clients.alike import play
from bench.clients.stage import Trial, run


async def exchange(trial: Trial) -> None:
    async with connect(trial.uri, proxy=None, **trial.options()) as ws:
        await play(trial, ws)


if __name__ == "__main__":
    run(exchange)
