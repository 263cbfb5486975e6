"""ws_asyncio, as a user writes it."""

from __future__ import annotations

from typing import Any

import ws_asyncio
from bench.clients.stage import LARGE, Trial, run
from ws_asyncio import connect


async def exchange(trial: Trial) -> None:
    message = trial.make_message()
    outgoing = trial.cut(message)
    options: dict[str, Any] = {"compression": "deflate" if trial.compression else None}
    if trial.large:
        options["max_size"] = LARGE
    ws_asyncio.set_transports(trial.transports)
    async with connect(trial.uri, **options) as ws:
        for _ in trial:
            for _ in range(trial.burst):
                await ws.send(outgoing)
            for _ in range(trial.burst):
                if await ws.recv() != message:
                    trial.wrong()


if __name__ == "__main__":
    run(exchange)
