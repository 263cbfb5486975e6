"""ws_asyncio in several processes on one port, as the guide on many processes has it."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
import sys
from multiprocessing.connection import Connection

from bench.servers.ours import echo
from bench.servers.stage import HOST, Settings, new_loop, read_settings
from ws_asyncio import WebSocketServerProtocol, serve


async def compute(ws: WebSocketServerProtocol) -> None:
    """Some 200 µs of Python for each message."""
    async for message in ws:
        sum(range(10_000))
        await ws.send(message)


async def work(settings: Settings, port: int, ready: Connection) -> None:
    handler = compute if settings.compute else echo
    async with serve(handler, HOST, port, reuse_port=True, compression=None):
        ready.send(None)
        await asyncio.Event().wait()


def run_worker(settings: Settings, port: int, ready: Connection) -> None:
    loop = new_loop(settings.loop)
    asyncio.set_event_loop(loop)
    loop.run_until_complete(work(settings, port, ready))


def main() -> None:
    """Say the port; for each line, say which processes there are; end with standard input."""
    settings = read_settings()
    context = multiprocessing.get_context("spawn")
    with socket.socket() as reserved:  # bound, and does not listen: nothing comes here
        reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        reserved.bind((HOST, 0))
        port = reserved.getsockname()[1]
        workers = []
        for _ in range(settings.processes):
            ours, theirs = context.Pipe()
            arguments = (settings, port, theirs)
            workers.append(context.Process(target=run_worker, args=arguments, daemon=True))
            workers[-1].start()
            ours.recv()
        print(port, flush=True)
        for _ in sys.stdin:
            print(json.dumps([worker.pid for worker in workers]), flush=True)
    for worker in workers:
        worker.kill()


if __name__ == "__main__":
    main()
