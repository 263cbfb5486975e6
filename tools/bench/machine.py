"""Where it was measured: the CPU, the Python, the versions."""

from __future__ import annotations

import contextlib
import os
import platform
import time
from collections.abc import Iterator
from pathlib import Path

from .environment import OURS, PEERS, versions_of

__all__ = ["all_cpus", "describe", "load_average", "processor"]

#: What may be used, before the benchmark keeps to one of them.
CPUS = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set[int]()


@contextlib.contextmanager
def all_cpus() -> Iterator[int]:
    """Let what is started here use all CPUs, and give their number."""
    kept = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CPUS)
    try:
        yield len(CPUS)
    finally:
        os.sched_setaffinity(0, kept)


def describe() -> dict[str, str]:
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "CPU": f"{processor()}, {len(os.sched_getaffinity(0))} of {os.cpu_count()} used",
        "system": f"{platform.system()} {platform.release()}",
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "ours": listed(versions_of(OURS)),
        "peers": listed(versions_of(PEERS)),
        "load average before": load_average(),
    }


def listed(versions: dict[str, str]) -> str:
    return ", ".join(f"{name} {version}" for name, version in versions.items())


def load_average() -> str:
    return f"{os.getloadavg()[0]:.1f}"


def processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
