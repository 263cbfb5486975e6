"""Run by the Python of the peers: one round of parsing and masking, as JSON."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import Callable

import bench_frames
from ws_frames import _speedups as speedups

KIB, MIB = 1024, 1024 * 1024
PARSED = {"125 B": 125, "64 KiB": 64 * KIB}
MASKED = {"4 KiB": 4 * KIB, "64 KiB": 64 * KIB, "1 MiB": MIB, "16 MiB": 16 * MIB}


def parse(size: int) -> dict[str, float]:
    """Seconds for a masked binary message, by who parses it."""
    frame = bench_frames.frame_of(bytes(range(256)) * (size // 256) + b"x" * (size % 256))
    count = max(1, bench_frames.CHUNK // len(frame))
    stream = frame * count
    runs: dict[str, Callable[[], object]] = {}
    for name in bench_frames.SUBJECTS:
        feed = bench_frames.FEEDS[name]()
        if len(feed(stream)) != count:
            raise SystemExit(f"{name} parses something else")
        runs[name] = partial(feed, stream)
    return {name: each / count for name, each in bench_frames.medians(runs, 1).items()}


def mask(size: int) -> dict[str, float]:
    """Seconds for masking to a new object from an odd address, and for copying."""
    data = memoryview(bytes(size + 1))[1:]
    runs: dict[str, Callable[[], object]] = {
        "mask": partial(speedups.apply_mask, data, bench_frames.KEY),
        "copy": partial(bytes, data),
    }
    return bench_frames.medians(runs, 1)


def main() -> None:
    for _ in sys.stdin:
        works = {f"parse {name}, masked": parse(size) for name, size in PARSED.items()}
        works.update({f"mask {name}": mask(size) for name, size in MASKED.items()})
        print(json.dumps(works), flush=True)


if __name__ == "__main__":
    main()
