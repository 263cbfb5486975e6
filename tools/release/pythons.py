"""The Pythons at hand: those on PATH, and those that pyenv has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from .checkout import pythons

__all__ = ["at_hand", "interpreter"]

# Without the headers nothing can be compiled.
ASK = """
import os, platform, sys, sysconfig
headers = os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h"))
print("%d.%d" % sys.version_info[:2], platform.python_implementation(), headers)
"""


def at_hand() -> dict[str, Path]:
    """A CPython that can compile for each version that is announced, as far as there is one."""
    found = {minor: interpreter(minor) for minor in pythons()}
    return {minor: path for minor, path in found.items() if path is not None}


def interpreter(minor: str) -> Path | None:
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    candidates = [
        *sorted(map(str, pyenv.glob(f"versions/{minor}.*/bin/python"))),
        sys.executable,
        shutil.which(f"python{minor}") or "",
    ]
    for path in filter(None, candidates):
        asked = subprocess.run([path, "-c", ASK], capture_output=True, text=True, check=False)
        if asked.stdout.split() == [minor, "CPython", "True"]:
            return Path(path)
    return None
