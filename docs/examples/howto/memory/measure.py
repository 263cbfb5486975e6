"""
How much memory of a server a connection takes.

    python measure.py [CONNECTIONS]

It starts an echo server in a process of its own for each line, connects to it, and looks at how much
its resident memory has grown. Connections of the client are in this process, and don't count.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import sys
from multiprocessing.connection import Connection
from typing import Any

from ws_asyncio import WebSocketClientProtocol, WebSocketServerProtocol, connect, serve
from ws_deflate import ZLIB, set_backend

MESSAGE = json.dumps({"side": "buy", "price": 102.25, "volume": 1000, "symbol": "XYZ"}) * 4

CASES: dict[str, tuple[dict[str, Any], bool]] = {
    "idle": ({"compression": None}, False),
    "idle, compression agreed on": ({}, False),
    "after a message each way": ({"compression": None}, True),
    "after a compressed message each way": ({}, True),
}


async def echo(ws: WebSocketServerProtocol) -> None:
    async for message in ws:
        await ws.send(message)


def run_server(options: dict[str, Any], pipe: Connection) -> None:
    set_backend(ZLIB)  # also where zlib-ng is installed, which takes four times as much
    asyncio.run(serve_until_told(options, pipe))


async def serve_until_told(options: dict[str, Any], pipe: Connection) -> None:
    loop = asyncio.get_running_loop()
    async with serve(echo, "127.0.0.1", 0, backlog=1024, **options) as server:
        assert server.sockets is not None
        pipe.send(server.sockets[0].getsockname()[1])
        while await loop.run_in_executor(None, pipe.recv):
            pipe.send(resident_bytes())


def resident_bytes() -> int:
    """The memory of this process; the system has to be Linux."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


async def measure(case: str, count: int) -> float:
    """Give KiB a connection."""
    options, messages = CASES[case]
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    server = context.Process(target=run_server, args=(options, there))
    server.start()
    uri = f"ws://127.0.0.1:{here.recv()}"
    sizes: list[int] = []
    clients: list[WebSocketClientProtocol] = []
    for wanted in (50, 50 + count):  # what the first ones take is mostly for all
        while len(clients) < wanted:
            clients.append(await connect(uri, ping_interval=None, **options))
            if messages:
                await clients[-1].send(MESSAGE)
                await clients[-1].recv()
        here.send(True)
        sizes.append(here.recv())
    for client in clients:
        client.transport.abort()
        await client.wait_closed()
    here.send(False)
    server.join()
    return (sizes[1] - sizes[0]) / count / 1024


async def main(count: int) -> None:
    for case in CASES:
        print(f"{await measure(case, count):6.1f} KiB  {case}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 400))
