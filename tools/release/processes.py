"""Programs that do the work, away from what this process was told."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

__all__ = ["Failure", "make_python", "run"]

# What hatch, pytest and virtual environments say to those that run in them, and the settings
# of whoever uses the machine. Which index there is, and how it is reached, stays.
FORGOTTEN = ("HATCH_ENV", "PYTEST_", "PYTHON", "VIRTUAL_ENV", "UV_PROJECT", "WS_FRAMES_", "CFLAGS")
SETTINGS = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_FIND_LINKS": "", "UV_NO_CONFIG": "1"}


class Failure(Exception):
    """Something is not as a release has to be; the text says what."""


def run(*command: str | Path, cwd: Path | None = None, **variables: str) -> str:
    """What a program prints; raises Failure, with all of that, unless it exits with 0."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(FORGOTTEN)}
    result = subprocess.run(
        command,
        cwd=cwd,
        env={**kept, **SETTINGS, **variables},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=600,
    )
    if result.returncode != 0:
        words = " ".join(map(str, command))
        raise Failure(f"{words}: exit code {result.returncode}\n{result.stdout}")
    return result.stdout


def make_python(folder: Path, base: str | Path = sys.executable, *options: str) -> Path:
    """Make a virtual environment, with pip unless the options say otherwise; gives its Python."""
    run(base, "-m", "venv", *options, folder)
    return folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
