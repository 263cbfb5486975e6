"""What each of the servers here needs besides serving.

It chooses an event loop, prints the port, and does what standard input says till that ends.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import resource
import sys
import tracemalloc
from collections.abc import Awaitable
from importlib import import_module
from typing import Any, Callable

from bench.census import census, places

__all__ = ["HOST", "LARGE", "Settings", "new_loop", "port_of", "read_settings", "run"]

HOST = "127.0.0.1"
LARGE = 128 * 2**20


class Settings(argparse.Namespace):
    """What a server is to be like; whatever is not said is as the library has it."""

    loop: str
    transports: str
    zlib: str
    compression: bool
    broadcast: bool
    handshakes: bool
    large: bool
    ping_interval: float | None
    processes: int
    compute: bool

    def options(self) -> dict[str, Any]:
        """Arguments for libraries whose options have the names of those of websockets."""
        options: dict[str, Any] = {"compression": "deflate" if self.compression else None}
        if self.large:
            options["max_size"] = LARGE
        if self.ping_interval is not None:
            options["ping_interval"] = self.ping_interval or None
        return options


Start = Callable[[Settings], Awaitable[int]]


def run(start: Start) -> None:
    """Start a server, which says its port, and serve until standard input ends."""
    settings = read_settings()
    open_files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))
    loop = new_loop(settings.loop)
    asyncio.set_event_loop(loop)
    print(loop.run_until_complete(start(settings)), flush=True)
    loop.add_reader(sys.stdin.fileno(), obey, loop)
    loop.run_forever()


def read_settings() -> Settings:
    parser = argparse.ArgumentParser()
    parser.add_argument("--loop", default="asyncio")
    parser.add_argument("--transports", default="loop")
    parser.add_argument("--zlib", default="zlib")
    parser.add_argument("--ping-interval", type=float, help="0 for no keepalive")
    parser.add_argument("--processes", type=int, default=1)
    for flag in ("compression", "broadcast", "handshakes", "large", "compute"):
        parser.add_argument(f"--{flag}", action="store_true")
    return parser.parse_args(namespace=Settings())


def new_loop(name: str) -> asyncio.AbstractEventLoop:
    loop: asyncio.AbstractEventLoop = import_module(name).new_event_loop()
    return loop


def obey(loop: Any) -> None:
    """Do as a line of standard input says; there is nothing to clean up when it ends."""
    line = os.read(sys.stdin.fileno(), 100)
    if line == b"keep garbage\n":
        gc.collect()
        gc.disable()
        print(json.dumps({}), flush=True)
    elif line == b"collect garbage\n":
        # What collect() returns is one or two more at times.
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        print(json.dumps({"objects": len(gc.garbage)}), flush=True)
    elif line == b"count\n":
        timers = len(getattr(loop, "_scheduled", []))  # uvloop does not tell
        print(json.dumps({"tasks": len(asyncio.all_tasks(loop)), "timers": timers}), flush=True)
    elif line == b"traced\n":
        print(json.dumps({"bytes": tracemalloc.get_traced_memory()[0]}), flush=True)
    elif line == b"census\n":
        print(json.dumps(census()), flush=True)
    elif line == b"places\n":
        print(json.dumps(places()), flush=True)
    else:
        os._exit(0)


def port_of(server: Any) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port
