"""What each of the clients here needs besides a connection.

It chooses an event loop, says when to go on and when to stop, and reports how long it took.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import string
import sys
import time
from collections.abc import Awaitable, Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Callable, NoReturn, Union

__all__ = ["LARGE", "Data", "Trial", "run"]

Data = Union[str, bytes]

LARGE = 128 * 2**20


@dataclass
class Trial:
    """Messages to send; iterate over it to be told to send ``burst`` of them.

    They go all at once, and the next ones when all echoes are there. If ``sliding``, the next one
    goes with each echo, so that as many are always under way.
    """

    port: int
    size: int = 256
    text: bool = False
    burst: int = 1
    sliding: bool = False
    seconds: float = 1.0
    messages: int = 0  # then stop; 0: when the time is up
    fragment: int = 0
    compression: bool = False
    large: bool = False
    transports: str = "loop"

    done: int = 0
    begun: tuple[float, float] = (0, 0)
    ended: tuple[float, float] = (0, 0)

    @property
    def uri(self) -> str:
        return f"ws://127.0.0.1:{self.port}/"

    def options(self) -> dict[str, Any]:
        """Arguments for libraries whose options have the names of those of websockets."""
        options: dict[str, Any] = {"compression": "deflate" if self.compression else None}
        if self.large:
            options["max_size"] = LARGE
        return options

    def make_message(self) -> Data:
        source = random.Random(1)
        length = min(self.size, 65_536)
        times = self.size // length + 1
        if self.text:
            return ("".join(source.choices(string.ascii_letters, k=length)) * times)[: self.size]
        return (source.getrandbits(8 * length).to_bytes(length, "big") * times)[: self.size]

    def cut(self, message: Data) -> list[Any]:
        """The fragments of the message."""
        return [message[at : at + self.fragment] for at in range(0, self.size, self.fragment)]

    def __iter__(self) -> Iterator[None]:
        """Go on for a fifth of the time to warm up, and then for all of it."""
        if not self.messages:
            yield from self.until(time.perf_counter() + self.seconds / 5)
        self.done = 0
        self.begun = (time.perf_counter(), time.process_time())
        yield from self.until(time.perf_counter() + self.seconds)
        self.ended = (time.perf_counter(), time.process_time())

    def until(self, deadline: float) -> Iterator[None]:
        self.done = 0
        while time.perf_counter() < deadline:
            yield
            self.done += self.burst
            if self.done == self.messages:
                return

    def wrong(self) -> NoReturn:
        raise SystemExit("a wrong echo")

    def report(self) -> dict[str, float]:
        seconds, cpu = (end - begin for begin, end in zip(self.begun, self.ended))
        return {"messages": self.done, "seconds": seconds, "cpu": cpu}


def run(exchange: Callable[[Trial], Awaitable[None]]) -> None:
    """Do the trial that each line of standard input describes, and print what it took."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--loop", default="asyncio")
    parser.add_argument("--transports", default="loop")
    options = parser.parse_args()
    loop: asyncio.AbstractEventLoop = import_module(options.loop).new_event_loop()
    asyncio.set_event_loop(loop)
    for line in sys.stdin:
        trial = Trial(transports=options.transports, **json.loads(line))
        loop.run_until_complete(exchange(trial))
        print(json.dumps(trial.report()), flush=True)
