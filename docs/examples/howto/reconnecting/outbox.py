"""A client that sends each message until the server says that it has it."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid

from ws_asyncio import WebSocketClientProtocol, connect
from ws_frames import ConnectionClosed


class Outbox:
    """Messages that are not acknowledged, by the number that each of them has."""

    def __init__(self) -> None:
        #: Whose numbers these are: each client begins with 1.
        self.client = uuid.uuid4().hex
        self.messages: dict[int, str] = {}
        self.next_number = 1
        self.changed = asyncio.Condition()

    async def put(self, text: str) -> None:
        async with self.changed:
            self.messages[self.next_number] = text
            self.next_number += 1
            self.changed.notify_all()

    async def send_all(self, ws: WebSocketClientProtocol) -> None:
        """Send what is there, again after each new connection, and what comes."""
        sent = 0
        while True:
            async with self.changed:
                while self.next_number == sent + 1:
                    await self.changed.wait()
                numbers = [number for number in self.messages if number > sent]
                sent = self.next_number - 1
            for number in numbers:
                if number in self.messages:
                    await ws.send(self.as_json(number))

    def as_json(self, number: int) -> str:
        message = {"client": self.client, "number": number, "text": self.messages[number]}
        return json.dumps(message)

    async def acknowledge(self, number: int) -> None:
        async with self.changed:
            self.messages.pop(number, None)
            self.changed.notify_all()

    async def wait_empty(self) -> None:
        async with self.changed:
            await self.changed.wait_for(lambda: not self.messages)


async def stay_connected(outbox: Outbox) -> None:
    async for ws in connect("ws://127.0.0.1:8765"):
        sending = asyncio.create_task(outbox.send_all(ws))
        try:
            async for message in ws:
                await outbox.acknowledge(json.loads(message)["acknowledged"])
        except ConnectionClosed:
            pass
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
            await ws.close()  # also when this is cancelled


async def main() -> None:
    outbox = Outbox()
    connection = asyncio.create_task(stay_connected(outbox))
    for text in sys.argv[1:]:
        await outbox.put(text)
    await outbox.wait_empty()
    connection.cancel()
    await asyncio.gather(connection, return_exceptions=True)
    print("all have arrived")


asyncio.run(main())
