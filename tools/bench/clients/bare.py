"""No WebSocket at all: bytes, as many as a frame would have. This is the limit."""

from __future__ import annotations

import asyncio
from typing import Any

from bench.clients.stage import Trial, run


class Exchange(asyncio.Protocol):
    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.goes_on = iter(trial)
        message = trial.make_message()
        frame = bytes(8 if trial.size > 125 else 6) + (
            message.encode() if isinstance(message, str) else message
        )
        self.messages = frame * trial.burst
        self.received: list[bytes] = []
        self.left = 0
        self.over = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport = transport
        self.send()

    def send(self) -> None:
        for _ in self.goes_on:
            self.left = len(self.messages)
            self.transport.write(self.messages)
            return
        self.over.set_result(None)

    def data_received(self, data: bytes) -> None:
        self.received.append(data)
        self.left -= len(data)
        if self.trial.sliding:
            self.transport.write(data)
        if self.left <= 0 and not self.over.done():
            self.check()

    def check(self) -> None:
        received = b"".join(self.received)
        if received[: len(self.messages)] != self.messages:
            self.trial.wrong()
        self.received = [received[len(self.messages) :]]
        if not self.trial.sliding:
            self.send()
        elif next(self.goes_on, self) is None:
            self.left += len(self.messages)
        else:
            self.over.set_result(None)


async def exchange(trial: Trial) -> None:
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.create_connection(
        lambda: Exchange(trial), "127.0.0.1", trial.port
    )
    await protocol.over
    transport.close()


if __name__ == "__main__":
    run(exchange)
