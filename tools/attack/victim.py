"""
Our server, and our client, in a process of their own: what tests/attacks attack and measure.

python -m attack.victim [--loop uvloop] [--options '{"open_timeout": 1}'] [--tls FILE]

It prints its port, and then answers commands, each a JSON object on a line of standard
input, with a JSON object on a line of standard output:

{"do": "stats"}         how much it holds: memory, connections, tasks, descriptors
{"do": "connect", ...}  connect to "uri" with "options", and run the handler of "path"
{"do": "release"}       let the handlers of /hold return
{"do": "broadcast"}     send "count" messages of "size" bytes to those on /subscribe
{"do": "leave", ...}    close descriptors that "occupy" took, or with it, take them all
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import json
import logging
import os
import resource
import ssl
import time
from collections.abc import Awaitable
from typing import Any, Callable

from ws_asyncio import (
    WebSocketCommonProtocol,
    WebSocketServerProtocol,
    broadcast,
    connect,
    serve,
)
from ws_frames import ConnectionClosed

PAGE_SIZE = os.sysconf("SC_PAGE_SIZE")

#: Seconds between two looks at what the event loop was busy with.
BEAT = 0.005

Handler = Callable[[WebSocketCommonProtocol], Awaitable[None]]


class Victim:
    """What the process does, and what it counts."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.connections: set[WebSocketCommonProtocol] = set()
        self.subscribers: set[WebSocketCommonProtocol] = set()
        self.released = asyncio.Event()
        self.messages = 0
        self.size = 0
        self.ends: list[str] = []
        self.occupied: list[int] = []
        self.tasks: set[asyncio.Task[None]] = set()
        self.trim = find_trim()
        # Open for good, for when there are no descriptors left.
        self.memory = open("/proc/self/statm", "rb", buffering=0)  # noqa: SIM115
        self.cpu = time.process_time()
        self.busy = 0.0
        self.beat()

    def beat(self) -> None:
        """Note for how long the event loop did something else, in seconds of CPU.

        So other programs on the machine count for nothing.
        """
        now = time.process_time()
        self.busy = max(self.busy, now - self.cpu)
        self.loop.call_later(BEAT, self.beat)
        self.cpu = time.process_time()

    # Handlers, by path

    async def echo(self, ws: WebSocketCommonProtocol) -> None:
        async for message in ws:
            self.count(message)
            await ws.send(message)

    async def read(self, ws: WebSocketCommonProtocol) -> None:
        async for message in ws:
            self.count(message)

    async def hold(self, ws: WebSocketCommonProtocol) -> None:
        """Receive nothing until told to go on, and then return."""
        await self.released.wait()

    async def flood(self, ws: WebSocketCommonProtocol) -> None:
        """Send without end."""
        while True:
            await ws.send(b"\0" * 65_536)
            self.messages += 1

    async def subscribe(self, ws: WebSocketCommonProtocol) -> None:
        self.subscribers.add(ws)
        try:
            await ws.wait_closed()
        finally:
            self.subscribers.discard(ws)

    def count(self, message: str | bytes) -> None:
        self.messages += 1
        self.size += len(message)

    async def handle(self, ws: WebSocketCommonProtocol, path: str) -> None:
        handler: Handler = getattr(self, path.partition("?")[0].strip("/"))
        self.connections.add(ws)
        end = ""
        try:
            await handler(ws)
        except ConnectionClosed as exc:
            end = f": {exc.__cause__ or exc}"
            raise
        finally:
            self.connections.discard(ws)
            self.ends.append(f"{path} {ws.close_code}{end}")

    # Commands

    async def connect(self, uri: str, path: str, options: dict[str, Any]) -> None:
        """Be the client of somebody else's server."""
        if "ca" in options:
            options["ssl"] = ssl.create_default_context(cafile=options.pop("ca"))
        try:
            async with connect(uri, **options) as ws:
                with contextlib.suppress(ConnectionClosed):
                    await self.handle(ws, path)
        except Exception as exc:  # noqa: BLE001 - that is what is asked for
            self.ends.append(f"{type(exc).__name__}: {exc}")

    def obey(self, command: dict[str, Any]) -> dict[str, Any]:
        do = command.pop("do")
        if do == "connect":
            task = self.loop.create_task(self.connect(**command))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        elif do == "release":
            self.released.set()
            self.released = asyncio.Event()
        elif do == "broadcast":
            for _ in range(command["count"]):
                broadcast(self.subscribers, bytes(command["size"]))
        elif do == "occupy":
            with contextlib.suppress(OSError):
                while True:
                    self.occupied.append(os.dup(0))
            for _ in range(command["leave"]):
                os.close(self.occupied.pop())
        elif do == "leave":
            while self.occupied:
                os.close(self.occupied.pop())
        return self.stats()

    def resident(self) -> int:
        """Bytes of memory in use by this process."""
        self.memory.seek(0)
        return int(self.memory.read().split()[1]) * PAGE_SIZE

    def stats(self) -> dict[str, Any]:
        # What is free, but kept for later by the C library, isn't held.
        self.trim(0)
        descriptors = 0 if self.occupied else len(os.listdir("/proc/self/fd"))
        ends, self.ends = self.ends, []
        busy, self.busy = self.busy, 0.0
        messages, self.messages = self.messages, 0
        size, self.size = self.size, 0
        return {
            "rss": self.resident(),
            "connections": len(self.connections),
            "open": sum(ws.open for ws in self.connections),
            "tasks": len(asyncio.all_tasks()),
            "descriptors": descriptors,
            "cpu": time.process_time(),
            "busy": busy,
            "messages": messages,
            "size": size,
            "ends": ends,
        }


class Sliced(WebSocketServerProtocol):
    """A connection whose transport brings but one byte a read."""

    def data_received(self, data: bytes) -> None:
        for start in range(len(data)):
            super().data_received(data[start : start + 1])


def find_trim() -> Callable[[int], object]:
    """Give the function of the C library that returns free memory to the system."""
    function = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return function or (lambda pad: None)


async def run(options: argparse.Namespace) -> None:
    victim = Victim()
    tls = None
    if options.tls:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(options.tls)
    kwds = json.loads(options.options)
    if options.trickle:
        kwds["create_protocol"] = Sliced
    server = await serve(victim.handle, "127.0.0.1", 0, ssl=tls, **kwds)
    assert server.sockets is not None
    victim.stats()  # the first one imports and allocates
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = victim.loop.create_future()
    buffer = bytearray()

    def receive() -> None:
        data = os.read(0, 65_536)
        buffer.extend(data)
        if not data:
            victim.loop.remove_reader(0)
            ended.set_result(None)
        *lines, rest = bytes(buffer).split(b"\n")
        buffer[:] = rest
        for line in lines:
            print(json.dumps(victim.obey(json.loads(line))), flush=True)

    victim.loop.add_reader(0, receive)
    await ended
    victim.released.set()
    server.close()
    await server.wait_closed()
    victim.memory.close()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--options", default="{}", help="arguments of serve(), in JSON")
    parser.add_argument("--tls", help="file with a certificate and its key")
    parser.add_argument("--trickle", action="store_true", help="read one byte at a time")
    parser.add_argument("--level", default="ERROR", help="of the log on standard error")
    parser.add_argument("--descriptors", type=int, help="how many it may have")
    options = parser.parse_args()
    logging.basicConfig(level=options.level, format="%(levelname)s %(name)s %(message)s")
    logging.getLogger("asyncio").setLevel(logging.INFO)
    if options.descriptors:
        resource.setrlimit(resource.RLIMIT_NOFILE, (options.descriptors, options.descriptors))
    if options.loop == "uvloop":
        import uvloop

        loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    else:
        loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run(options))
    finally:
        loop.close()


if __name__ == "__main__":
    main()
