"""
A server and a client of ours in a process of their own, for others to connect to, or through.

python -m soak.subject [--loop uvloop] [--no-gc] [--leak WHAT] [--options '{"ping_interval": 1}']

It prints the port of its server. Then each line of standard input is a JSON object, whose "do"
names a method of :class:`Subject`, and is answered with one on standard output, when it is done.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
import os
import resource
from typing import Any

from soak.churner import churn
from soak.handlers import Deliberate, Handlers
from soak.holdings import census, is_quiet, take_stock
from soak.leaks import LEAKS
from soak.loops import new_loop
from soak.traffic import Traffic
from ws_asyncio import WebSocketServer, serve

#: How many complaints are kept; one is one too many.
COMPLAINTS = 20


#: Of a second server, for connections that may fail anyhow: it soon sees those that stall.
IMPATIENT: dict[str, Any] = {
    "open_timeout": 1.5,
    "ping_interval": 0.5,
    "ping_timeout": 1,
    "close_timeout": 1,
}


class Complaints(logging.Handler):
    """Everything that is logged at WARNING or above, which nothing here should be."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.found: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], Deliberate):
            return
        if len(self.found) < COMPLAINTS:
            self.found.append(self.format(record))

    def take(self) -> list[str]:
        found, self.found = self.found, []
        return found


class Subject:
    """What the process does when it is told to."""

    def __init__(self, options: argparse.Namespace, complaints: Complaints) -> None:
        self.handlers = Handlers(LEAKS.get(options.leak))
        self.complaints = complaints
        self.impatient = 0

    async def ports(self) -> dict[str, int]:
        """Say where the second server is."""
        return {"impatient": self.impatient}

    async def answered(self) -> dict[str, int]:
        """Say how many of the connections that are held have answered a ping."""
        return {"count": sum(ws.latency > 0 for ws in self.handlers.held)}

    async def stock(self) -> dict[str, Any]:
        """Say what this process holds."""
        return {
            **take_stock()._asdict(),
            "connections": self.handlers.count,
            "complaints": self.complaints.take(),
        }

    async def census(self) -> dict[str, int]:
        """Say which objects there are more of, for whoever looks for a leak."""
        return census()

    async def poll(self, **most: int) -> dict[str, Any]:
        """Say whether nobody is connected, and no more is held than that."""
        return {"quiet": not self.handlers.count and is_quiet(**most)}

    async def churn(self, port: int, count: int, parallel: int) -> dict[str, Any]:
        """Be the client of so many connections, some at a time, one after the other."""
        await churn(port, count, parallel)
        return {}

    async def traffic(self, **arguments: Any) -> dict[str, Any]:
        """Be the client in a round of mixed traffic."""
        return await Traffic(**arguments).run()

    async def obey(self, line: bytes) -> None:
        command = json.loads(line)
        answer = await getattr(self, command.pop("do"))(**command)
        print(json.dumps(answer), flush=True)


async def run(options: argparse.Namespace, complaints: Complaints) -> None:
    subject = Subject(options, complaints)
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[bytes] = asyncio.Queue()
    buffer = bytearray()

    def receive() -> None:
        data = os.read(0, 65_536)
        buffer.extend(data)
        *whole, rest = bytes(buffer).split(b"\n")
        buffer[:] = rest
        for line in whole:
            lines.put_nowait(line)
        if not data:
            loop.remove_reader(0)
            lines.put_nowait(b"")

    kwds = json.loads(options.options)
    handle = subject.handlers.handle
    async with (
        serve(handle, "127.0.0.1", 0, backlog=4096, **kwds) as server,
        serve(handle, "127.0.0.1", 0, **IMPATIENT) as impatient,
    ):
        subject.impatient = port_of(impatient)
        print(port_of(server), flush=True)
        loop.add_reader(0, receive)
        while line := await lines.get():
            await subject.obey(line)


def port_of(server: WebSocketServer) -> int:
    assert server.sockets is not None
    port: int = server.sockets[0].getsockname()[1]
    return port


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--loop", choices=["asyncio", "uvloop"], default="asyncio")
    parser.add_argument("--options", default="{}", help="arguments of serve(), in JSON")
    parser.add_argument("--no-gc", action="store_true", help="collect no cycles")
    parser.add_argument("--leak", choices=LEAKS, help="leak this with each connection")
    options = parser.parse_args()
    if options.no_gc:
        gc.disable()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    complaints = Complaints()
    logging.basicConfig(handlers=[complaints], format="%(levelname)s %(name)s %(message)s")
    loop = new_loop(options.loop)
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(run(options, complaints))
    finally:
        loop.close()


if __name__ == "__main__":
    main()
