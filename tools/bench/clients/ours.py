"""ws_asyncio, as a user writes it."""

from __future__ import annotations

import ws_asyncio
from bench.clients.alike import play
from bench.clients.stage import Trial, run
from ws_asyncio import connect


async def exchange(trial: Trial) -> None:
    ws_asyncio.set_transports(trial.transports)
    async with connect(trial.uri, **trial.options()) as ws:
        await play(trial, ws)


if __name__ == "__main__":
    run(exchange)
