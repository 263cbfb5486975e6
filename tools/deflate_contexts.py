"""
Measure what to do with a compression object between messages that don't look back.

python tools/deflate_contexts.py      print a Markdown table

Three ways to compress each message by itself: make an object for each, keep one for
each connection and reset it (Z_FULL_FLUSH forgets the window), or share one among all
connections and reset it. The second is measured with 300 connections that take turns,
as a server has it, since then none of its objects is in the cache of the CPU.
"""

from __future__ import annotations

import argparse
import sys
import zlib
from collections.abc import Sequence
from timeit import repeat
from typing import Callable

from deflate_traffic import messages
from ws_deflate import ZLIB, Backend, zlib_ng

CONNECTIONS = 300
KINDS = ["ticks", "chat", "books"]
WAYS = ["made anew", "reset, one each", "reset, shared"]


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args(arguments).rounds
    print("| backend | window | level of memory | messages |", " | ".join(WAYS), "| (µs a message)")
    print("| --- | --- | --- | --- |", " --: |" * len(WAYS))
    for backend in backends():
        for bits, memory in [(12, 4), (12, 5), (15, 8)]:
            for kind in KINDS:
                times = measure(backend, bits, memory, messages(kind, CONNECTIONS), rounds)
                cells = " | ".join(f"{time:.1f}" for time in times)
                print(f"| {backend.name} | {bits} | {memory} | {kind} | {cells} |", flush=True)
    return 0


def backends() -> list[Backend]:
    try:
        return [ZLIB, zlib_ng()]
    except ImportError:
        return [ZLIB]


def measure(
    backend: Backend, bits: int, memory: int, data: list[bytes], rounds: int
) -> list[float]:
    """Give the microseconds that a message takes in each of the ways."""

    def make() -> Callable[[bytes, int], bytes]:
        stream = backend.compressobj(wbits=-bits, memLevel=memory)
        return lambda message, mode: stream.compress(message) + stream.flush(mode)

    each, shared = [make() for _ in data], make()

    def anew() -> None:
        for message in data:
            make()(message, zlib.Z_SYNC_FLUSH)

    def reset_each() -> None:
        for compress, message in zip(each, data):
            compress(message, zlib.Z_FULL_FLUSH)

    def reset_shared() -> None:
        for message in data:
            shared(message, zlib.Z_FULL_FLUSH)

    return [
        min(repeat(way, number=1, repeat=rounds)) / len(data) * 1e6
        for way in (anew, reset_each, reset_shared)
    ]


if __name__ == "__main__":
    sys.exit(main())
