"""A server that ends on SIGTERM or ^C, when its handlers have put away what they hold."""

from __future__ import annotations

import asyncio
import signal

from ws_asyncio import WebSocketServerProtocol, serve


async def collect(ws: WebSocketServerProtocol) -> None:
    messages = []
    try:
        async for message in ws:
            messages.append(message)
    finally:
        await save(messages)


async def save(messages: list[str | bytes]) -> None:
    await asyncio.sleep(0)  # a database would take longer
    print(f"saved {len(messages)} messages", flush=True)


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with serve(collect, "127.0.0.1", 8765):
        await stop.wait()


asyncio.run(main())
