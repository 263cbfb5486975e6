"""A server that tells clients why it ends, and waits for its handlers at most so long."""

from __future__ import annotations

import asyncio
import signal

from ws_asyncio import WebSocketServerProtocol, serve

PATIENCE = 30  # seconds


async def work(ws: WebSocketServerProtocol) -> None:
    async for _ in ws:
        try:
            await asyncio.sleep(3600)  # doesn't notice that the connection closes
        finally:
            print("work was cut short", flush=True)


async def main() -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = await serve(work, "127.0.0.1", 8765)
    await stop.wait()
    server.close(1012, "back in a minute")
    try:
        await asyncio.wait_for(server.wait_closed(), PATIENCE)
    except asyncio.TimeoutError:
        print(f"{len(server.connections)} handlers still run", flush=True)


asyncio.run(main())  # cancels them
