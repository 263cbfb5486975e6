"""
Many connections that only answer pings, on raw TCP.

python -m soak.holder PORT COUNT [--deaf N]

It prints a line when they are open. Then each line of standard input is answered with a JSON
object: "count" says how many there still are and how many pings came, "leave" ends them all,
every other one without a close frame.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import resource
from typing import cast

from attack.wire import CLOSE, DEFLATE, PING, PONG, Wire, parse_frames, request

#: Connections from one address, far fewer than there are ports for.
A_PLACE = 5_000

#: Handshakes under way at a time.
PARALLEL = 64

WIRE = Wire(masked=True)
GOODBYE = WIRE.frame(CLOSE, b"\x03\xe8")


class Held(asyncio.Protocol):
    """One connection; those which are deaf to pings answer none."""

    open = 0
    pings = 0

    def __init__(self, *, deaf: bool) -> None:
        self.deaf = deaf
        self.buffer = bytearray()
        self.opened = asyncio.get_running_loop().create_future()
        self.upgraded = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self.transport.write(request("/hold", DEFLATE))

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if not self.upgraded:
            head, end, rest = self.buffer.partition(b"\r\n\r\n")
            if not end:
                return
            assert head.startswith(b"HTTP/1.1 101 "), head
            self.buffer = rest
            self.upgraded = True
            Held.open += 1
            self.opened.set_result(None)
        for frame in parse_frames(self.buffer):
            if frame.opcode == PING and not self.deaf:
                Held.pings += 1
                self.transport.write(WIRE.frame(PONG, frame.payload))

    def connection_lost(self, exc: Exception | None) -> None:
        Held.open -= 1


async def hold(port: int, count: int, deaf: int) -> None:
    loop = asyncio.get_running_loop()
    numbers = iter(range(count))
    held = []

    async def work() -> None:
        for number in numbers:
            _, protocol = await loop.create_connection(
                lambda: Held(deaf=number < deaf),  # noqa: B023 - it is called at once
                "127.0.0.1",
                port,
                local_addr=(f"127.0.0.{1 + number // A_PLACE}", 0),
            )
            await protocol.opened
            held.append(protocol)

    await asyncio.gather(*[work() for _ in range(PARALLEL)])
    print("open", flush=True)
    while True:
        line = await loop.run_in_executor(None, os.read, 0, 100)
        if not line:
            return
        if line == b"leave\n":
            for number, protocol in enumerate(held):
                if number % 2:
                    protocol.transport.write(GOODBYE)
                    protocol.transport.close()
                else:
                    protocol.transport.abort()
            held.clear()
            while Held.open:
                await asyncio.sleep(0)
        print(json.dumps({"open": Held.open, "pings": Held.pings}), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("port", type=int)
    parser.add_argument("count", type=int)
    parser.add_argument("--deaf", type=int, default=0, help="so many answer no ping")
    options = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    asyncio.run(hold(options.port, options.count, options.deaf))


if __name__ == "__main__":
    main()
