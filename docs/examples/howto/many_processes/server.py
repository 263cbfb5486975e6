"""One port, a process for each core. A process that dies is started again."""

from __future__ import annotations

import asyncio
import multiprocessing
import multiprocessing.process
import os
import signal
import time
from multiprocessing import connection

from ws_asyncio import WebSocketServerProtocol, serve

WORKERS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


async def handle(ws: WebSocketServerProtocol) -> None:
    await ws.send(f"You are at process {os.getpid()}.")
    async for message in ws:
        await ws.send(message)


async def work() -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    async with serve(handle, "127.0.0.1", 8765, reuse_port=True):
        await stop.wait()


def run_worker() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # ^C is for the parent, which tells us
    asyncio.run(work())


def start_worker() -> multiprocessing.process.BaseProcess:
    worker = multiprocessing.get_context("spawn").Process(target=run_worker)
    worker.start()
    return worker


def stop(number: int, frame: object) -> None:
    raise SystemExit


def main() -> None:
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    workers = []
    try:
        for _ in range(WORKERS):
            workers.append(start_worker())
        while True:
            connection.wait([worker.sentinel for worker in workers])
            for index, worker in enumerate(workers):
                if not worker.is_alive():
                    print(f"process {worker.pid} ended: {worker.exitcode}", flush=True)
                    time.sleep(1)  # in case it dies at once, each time
                    workers[index] = start_worker()
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.join()


if __name__ == "__main__":
    main()
