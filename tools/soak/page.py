"""The page with what the long runs measured: a section for each, which a new run replaces."""

from __future__ import annotations

import os
import platform
import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from bench.machine import load_average, processor

__all__ = ["SECTIONS", "describe_machine", "write_section"]

SECTIONS = {"churn": "Churn", "idle": "Idle connections", "mixed": "Mixed traffic"}

INTRODUCTION = """# Soak and churn, measured

Many connections, or the same ones for long: does a server or a client hold more than it did before? Between two moments at
which nobody is connected, memory may grow by 2 MiB, and tasks and descriptors, and the objects that the collector of cycles
knows, not at all. Each run says below what it did, and what it found; it fails where a bound is broken.
[The threat model](threats.md) says what that is good for. The gate runs the same for some seconds (`tests/soak`).

- *MiB more*: of the memory of the process (RSS), what the C library keeps for later not counted.
- *tasks*, *descriptors*, *objects*: how many more there were.
- *garbage*: objects that only the collector of cycles could free. asyncio's own transports refer to themselves; the run
  takes these references away when a connection is lost, so that what remains is ours.
"""


def describe_machine() -> str:
    """Say where this runs."""
    versions = []
    for name in ("ws-frames", "ws-asyncio", "uvloop"):
        try:
            versions.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            continue
    return (
        f"{processor()}, {os.cpu_count()} CPUs; {platform.system()} {platform.release()}; "
        f"{platform.python_implementation()} {platform.python_version()}; {', '.join(versions)}; "
        f"load average before {load_average()}"
    )


def write_section(path: Path, name: str, text: str, *, add: bool = False) -> None:
    """Put the text of a section in its place on the page, which is made where there is none.

    With ``add`` the rows of its table go to the end of the section that is there.
    """
    sections = dict.fromkeys(SECTIONS, "")
    if path.exists():
        _, *parts = re.split(r"^## ", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        titles = {title: key for key, title in SECTIONS.items()}
        for part in parts:
            title, _, body = part.partition("\n")
            sections[titles[title]] = body.strip()
    if add and sections[name]:
        sections[name] += text.rpartition("---")[2].partition("|")[2].rstrip()
    else:
        sections[name] = text.strip()
    written = [f"## {SECTIONS[key]}\n\n{body}\n" for key, body in sections.items() if body]
    path.write_text("\n".join([INTRODUCTION, *written]), encoding="utf-8")
