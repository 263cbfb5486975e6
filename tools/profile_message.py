"""
Count the instructions that a message takes, from its bytes to those of the echo.

python tools/profile_message.py                one message at a time, and 64 in one read
python tools/profile_message.py --size 16      of so many bytes; 256 by default

A server's connection gets bytes from this program, and a handler sends each message back. What
it is given as transport costs nothing; so what is counted is the library, the handler, and the
step of its task. The system and the transport are not in it. Valgrind counts (callgrind): the
figures say nothing of caches, but are the same each time, whatever else the machine does.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections import deque
from typing import Any

import callgrind
from ws_asyncio import WebSocketServerProtocol
from ws_frames import encode_frame
from ws_http import ClientHandshake, parse_uri

BURSTS = (1, 64)
READS = 200
FIN_TEXT = 0x81

# What counts begins and ends with the call of this function.
ENTRY = "ws_inbox_receive"

# Objects of the process, as valgrind shows their files, and what they are.
PARTS = {
    "_speedups": "the C of ws_frames",
    "_asyncio": "the C of asyncio: the task",
    "_contextvars": "the C of asyncio: the task",
    "python": "Python: the handler, calls, attributes, objects",
    "libc": "the C library",
}

# Functions whose cost is told with that of all that they call.
STAGES = {
    "ws_parser_feed": "parse and unmask, check UTF-8, make the message",
    "task_wakeup": "step the task",
    "PyGen_am_send": "… of that, run the handler with all that it calls",
    "ws_outbox_write": "… of that, hand the echo to the transport, or gather it",
}


class Registry:
    """The least that a connection needs of its server."""

    def register(self, protocol: WebSocketServerProtocol) -> None:
        pass

    def unregister(self, protocol: WebSocketServerProtocol) -> None:
        pass


class Nowhere(asyncio.Transport):
    """Takes bytes without a line of Python."""

    def __init__(self) -> None:
        super().__init__()
        self.write = deque[Any](maxlen=0).append  # type: ignore[method-assign, assignment]
        self.is_closing = bool  # type: ignore[method-assign]

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        pass

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        pass

    def pause_reading(self) -> None:
        pass

    def resume_reading(self) -> None:
        pass

    def abort(self) -> None:
        pass

    def close(self) -> None:
        pass

    def can_write_eof(self) -> bool:
        return False


async def echo(ws: WebSocketServerProtocol, path: str = "") -> None:
    async for message in ws:
        await ws.send(message)


async def receive(burst: int, size: int) -> None:
    """Give a connection its reads, each in a turn of its own."""
    protocol = WebSocketServerProtocol(echo, Registry(), ping_interval=None)
    protocol.connection_made(Nowhere())
    await asyncio.sleep(0)
    protocol.data_received(ClientHandshake(parse_uri("ws://localhost/")).send_request())
    data = encode_frame(FIN_TEXT, "x" * size, b"mask") * burst
    loop = asyncio.get_running_loop()
    for _ in range(READS):
        for _ in range(3):
            await asyncio.sleep(0)
        loop.call_soon(protocol.data_received, data)
    await asyncio.sleep(0)
    protocol.handler_task.cancel()
    await asyncio.wait([protocol.handler_task])


def count(burst: int, size: int) -> tuple[dict[str, float], dict[str, float]]:
    """Give the instructions a message by part, and by stage."""
    program = [sys.executable, __file__, "--receive", str(burst), "--size", str(size)]
    with callgrind.profile(f"--toggle-collect={ENTRY}") as profile:
        profile.run(program)
        alone = profile.functions()
        with_callees = profile.functions("--inclusive=yes")
    messages = READS * burst
    parts: dict[str, float] = {}
    for cost, _, where in alone:
        part = next((text for name, text in PARTS.items() if name in where), "other")
        parts[part] = parts.get(part, 0) + cost / messages
    stages: dict[str, float] = {}
    for cost, function, _ in with_callees:
        if function in STAGES:  # with '2 behind it, it is called by itself
            stages[function] = max(stages.get(function, 0), cost / messages)
    return parts, stages


def table(burst: int, parts: dict[str, float], stages: dict[str, float]) -> str:
    how = "one at a time" if burst == 1 else f"{burst} in a read"
    lines = [f"| {how} | instructions a message |", "| --- | ---: |"]
    lines += [f"| {part} | {cost:,.0f} |" for part, cost in sorted(parts.items())]
    lines.append(f"| **all** | **{sum(parts.values()):,.0f}** |")
    lines += [f"| {text} | {stages.get(name, 0):,.0f} |" for name, text in STAGES.items()]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--size", type=int, default=256, help="bytes of a message")
    parser.add_argument("--receive", type=int, metavar="N", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.receive:
        asyncio.run(receive(options.receive, options.size))
        return 0
    callgrind.require()
    print(f"Python {sys.version.split()[0]}, messages of {options.size} bytes, text\n")
    for burst in BURSTS:
        print(table(burst, *count(burst, options.size)) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
