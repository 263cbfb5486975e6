"""The API of picows that is like that of websockets, as a user writes it."""

from __future__ import annotations

from typing import Any

from picows.websockets import connect  # type: ignore[import-not-found]

from bench.clients.stage import LARGE, Trial, run


async def exchange(trial: Trial) -> None:
    message = trial.make_message()
    outgoing = trial.cut(message)
    options: dict[str, Any] = {"compression": "deflate" if trial.compression else None}
    if trial.large:
        options["max_size"] = LARGE
    async with connect(trial.uri, proxy=None, **options) as ws:
        for _ in trial:
            for _ in range(trial.burst):
                await ws.send(outgoing)
            for _ in range(trial.burst):
                if await ws.recv() != message:
                    trial.wrong()


if __name__ == "__main__":
    run(exchange)
