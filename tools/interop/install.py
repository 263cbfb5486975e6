"""How the peers that ``tests/interop`` talks to get onto a machine: with apt, npm, pip, a compiler."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

#: Seconds that an installation may take.
PATIENCE = 600


class Missing(Exception):
    """Something is not on this machine; says why."""


def run(*command: str | Path, cwd: Path | None = None) -> str | None:
    """Run a command to its end; gives the last that it said, if it failed."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    try:
        result = subprocess.run(
            [str(part) for part in command],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return f"nothing after {PATIENCE} s"
    if result.returncode == 0:
        return None
    return " ".join((result.stderr or result.stdout).split())[-300:]


def apt(package: str, there: str | Path, *, install: bool) -> None:
    """See to it that a package of Debian is installed: where there is such a program or file."""
    if shutil.which(there) is not None or os.path.exists(there):
        return
    how = f"on Debian: apt-get install {package}"
    if not install:
        raise Missing(f"{package} is not installed; {how}, which hatch run interop tries as root")
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        raise Missing(f"{package} is not installed, and only root can do so; {how}")
    problem = _update() or run("apt-get", "install", "--yes", "--no-install-recommends", package)
    if problem is not None:
        raise Missing(f"{package} cannot be installed: {problem}")


@cache
def _update() -> str | None:
    return run("apt-get", "update", "--quiet")


def npm(folder: Path, package: str) -> Path:
    """Install a package of npm into a folder, as ``ws@8``; gives where it can be required from."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("there is no Node.js with npm; on Debian: apt-get install nodejs npm")
    modules = folder / "node_modules"
    name = package.rpartition("@")[0]
    if modules.joinpath(name, "package.json").exists():
        return modules
    folder.joinpath("package.json").write_text("{}", encoding="utf-8")
    quiet = ("--no-audit", "--no-fund", "--loglevel=error")
    problem = run("npm", "install", "--no-save", package, *quiet, cwd=folder)
    if problem is not None:
        raise Missing(f"npm cannot install {name}: {problem}")
    return modules


def environment(folder: Path, requirements: Sequence[str], *, install: bool) -> Path:
    """Install distributions into an environment of their own; gives its Python."""
    if not install:
        raise Missing(f"{', '.join(requirements)}: installed by hatch run interop only")
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    complete = folder / "complete"
    wanted = "\n".join(requirements)
    if complete.exists() and complete.read_text("utf-8") == wanted:
        return python
    pip = ("-m", "pip", "--disable-pip-version-check", "install", "--quiet")
    problem = run(sys.executable, "-m", "venv", "--clear", folder)
    problem = problem or run(python, *pip, *requirements)
    if problem is not None:
        raise Missing(f"{requirements[0]} cannot be installed: {problem}")
    complete.write_text(wanted, encoding="utf-8")
    return python


def compile_c(source: Path, folder: Path, *flags: str) -> Path:
    """Compile a file in C into a folder; gives the program."""
    compiler = os.environ.get("CC") or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("there is no compiler of C; on Debian: apt-get install gcc libc6-dev")
    program = folder / source.stem
    problem = run(compiler, "-Wall", "-O1", "-o", program, source, *flags)
    if problem is not None:
        raise RuntimeError(f"{source.name} does not compile: {problem}")
    return program
