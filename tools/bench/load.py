"""The load generator: compiled when it has changed, and run."""

from __future__ import annotations

import hashlib
import json
import os
import shlex
import subprocess
import sysconfig
from functools import cache
from pathlib import Path
from typing import Any

from .environment import BENCH

__all__ = ["LoadFailed", "build", "command", "load"]

GENERATOR = BENCH / "generator"
FLAGS = ["-std=c11", "-O3", "-Wall", "-Wextra"]
TIMEOUT = 120


class LoadFailed(Exception):
    """The load generator could not do its work, or something came back that was wrong."""


def cache_folder() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "ws-bench"


@cache
def build() -> Path:
    """Compile the sources if their result is not there yet; raises LoadFailed."""
    compiler = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")[0]
    sources = sorted(GENERATOR.glob("*.c"))
    text = b"".join(path.read_bytes() for path in [*sources, GENERATOR / "load.h"])
    text += " ".join([compiler, *FLAGS]).encode()
    program = cache_folder() / f"load-{hashlib.sha256(text).hexdigest()[:16]}"
    if program.exists():
        return program
    program.parent.mkdir(parents=True, exist_ok=True)
    fresh = program.with_name(f"{program.name}.{os.getpid()}")
    try:
        subprocess.run([compiler, *FLAGS, "-o", fresh, *sources], check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise LoadFailed(f"the load generator cannot be compiled: {exc}") from exc
    fresh.replace(program)
    return program


def command(mode: str, **options: Any) -> list[str]:
    """The command line; an option that is None or False is left out."""
    words = [str(build()), mode]
    for name, value in options.items():
        if value is None or value is False:
            continue
        words.append(f"--{name}")
        if value is not True:
            words.append(str(value))
    return words


def load(mode: str, **options: Any) -> dict[str, float]:
    """Run it to its end, and give what it reports; raises LoadFailed."""
    words = command(mode, **options)
    try:
        done = subprocess.run(words, capture_output=True, text=True, timeout=TIMEOUT, check=False)
    except subprocess.TimeoutExpired as exc:
        raise LoadFailed(f"{mode} took more than {TIMEOUT} s") from exc
    if done.returncode:
        raise LoadFailed(done.stderr.strip() or f"{mode} ended with {done.returncode}")
    report: dict[str, float] = json.loads(done.stdout)
    return report
