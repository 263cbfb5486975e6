"""aiohttp, as a user writes it."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientSession  # type: ignore[import-not-found]

from bench.clients.stage import LARGE, Data, Trial, run


async def in_bursts(send: Any, receive: Any, trial: Trial, message: Data) -> None:
    for _ in trial:
        for _ in range(trial.burst):
            await send(message)
        for _ in range(trial.burst):
            if await receive() != message:
                trial.wrong()


async def in_flight(send: Any, receive: Any, trial: Trial, message: Data) -> None:
    for _ in range(trial.burst):
        await send(message)
    for _ in trial:
        for _ in range(trial.burst):
            if await receive() != message:
                trial.wrong()
            await send(message)
    for _ in range(trial.burst):  # some are slow to close while messages wait
        await receive()


async def exchange(trial: Trial) -> None:
    if trial.fragment:
        raise SystemExit("it has no way to send fragments")
    message = trial.make_message()
    options: dict[str, Any] = {"compress": 15 if trial.compression else 0}
    if trial.large:
        options["max_msg_size"] = LARGE
    async with ClientSession() as session, session.ws_connect(trial.uri, **options) as ws:
        send = ws.send_str if trial.text else ws.send_bytes
        receive = ws.receive_str if trial.text else ws.receive_bytes
        if trial.sliding:
            await in_flight(send, receive, trial, message)
        else:
            await in_bursts(send, receive, trial, message)


if __name__ == "__main__":
    run(exchange)
