"""Measure one set of settings of permessage-deflate: size on the wire, time, memory.

As a script it measures memory, in a process that does nothing else.
"""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from time import process_time
from typing import Any

from deflate_traffic import TRAFFIC, messages
from ws_deflate import ZLIB, Backend, PerMessageDeflate, zlib_ng
from ws_frames import Frame, Opcode

__all__ = ["Result", "Setup", "is_installed", "measure"]

COUNTS = {**dict.fromkeys(TRAFFIC, 300), "documents": 40}
ROUNDS = 25
CONNECTIONS = 200
# What is compressed already is left out of means.
KINDS = [kind for kind in TRAFFIC if kind != "pictures"]


@dataclass(frozen=True)
class Setup:
    """Both ends of a connection have these settings."""

    backend: str = "zlib"
    window_bits: int = 12
    memory_level: int = 4
    level: int = 6
    takeover: bool = True

    def extension(self) -> PerMessageDeflate:
        return PerMessageDeflate(
            not self.takeover,
            not self.takeover,
            self.window_bits,
            self.window_bits,
            {"memLevel": self.memory_level, "level": self.level},
            backend=backend(self.backend),
        )


@dataclass(frozen=True)
class Result:
    """What came out, for each kind of traffic."""

    sizes: dict[str, float]  # of what is on the wire, in percent
    times: dict[str, float]  # of compressing and decompressing a message, in µs
    memory: float  # of a connection, in KiB

    @property
    def size(self) -> float:
        """The mean."""
        return sum(self.sizes[kind] for kind in KINDS) / len(KINDS)

    @property
    def time(self) -> float:
        """The mean, where a message of each kind is as frequent as one of any other."""
        return sum(self.times[kind] for kind in KINDS) / len(KINDS)


def backend(name: str) -> Backend:
    """Raises ImportError where it is not installed."""
    if name == "zlib":
        return ZLIB
    return zlib_ng() if name == "zlib-ng" else isal()


def isal() -> Backend:
    """ISA-L compresses, zlib decompresses: ISA-L needs 58 KiB for that."""
    module: Any = import_module("isal.isal_zlib")

    def compressobj(*, wbits: int, level: int, memLevel: int) -> Any:
        return module.compressobj(level=level, wbits=wbits, memLevel=memLevel)

    return Backend("isal", compressobj, ZLIB.decompressobj, ZLIB.error)


def is_installed(name: str) -> bool:
    try:
        backend(name)
    except ImportError:
        return False
    return True


@cache
def frames(kind: str) -> tuple[Frame, ...]:
    return tuple(Frame(True, Opcode.TEXT, data) for data in messages(kind, COUNTS[kind]))


def measure(setups: list[Setup]) -> dict[Setup, Result]:
    """Measure them in turns, so that what else the machine does is the same to all."""
    results = {setup: Result({}, {}, measure_memory(setup)) for setup in setups}
    for _ in range(ROUNDS):
        for setup, result in results.items():
            for kind in TRAFFIC:
                size, time = measure_traffic(setup, frames(kind))
                result.sizes[kind] = size
                result.times[kind] = min(time, result.times.get(kind, time))
    return results


def measure_traffic(setup: Setup, plain: tuple[Frame, ...]) -> tuple[float, float]:
    """Give size in percent, and time in µs."""
    sender, receiver = setup.extension(), setup.extension()
    start = process_time()
    sent = [sender.encode(frame) for frame in plain]
    for frame in sent:
        receiver.decode(frame, max_size=2**20)
    time = process_time() - start
    sizes = [sum(len(frame.data) for frame in group) for group in (sent, plain)]
    return 100 * sizes[0] / sizes[1], time / len(plain) * 1e6


def measure_memory(setup: Setup) -> float:
    """Give the KiB of a connection, from a process of its own."""
    command = [sys.executable, __file__, json.dumps(asdict(setup))]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def resident() -> int:
    """Give the KiB that this process has in memory (Linux)."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4


def main() -> None:
    setup = Setup(**json.loads(sys.argv[1]))
    plain = [frame for kind in ("ticks", "books", "chat") for frame in frames(kind)[:20]]
    peer = setup.extension()
    sent = [peer.encode(frame) for frame in plain]

    def connection() -> PerMessageDeflate:
        extension = setup.extension()
        for frame in plain:
            extension.encode(frame)
        for frame in sent:
            extension.decode(frame)
        return extension

    kept = [connection() for _ in range(20)]  # what is made once
    gc.collect()
    before = resident()
    kept += [connection() for _ in range(CONNECTIONS)]
    print((resident() - before) / CONNECTIONS)


if __name__ == "__main__":
    main()
