"""
Make an environment for Autobahn's test suite, and print where its command ``wstest`` is.

python -m compliance.wstest                   find Python 2.7 on PATH or among those of pyenv
python -m compliance.wstest --python2 PATH    take this one

The suite is Python 2.7 code. The environment is made once, in the user's cache directory,
with packages from PyPI. Where it can't be made the exit status is 3, and why not is on stderr.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

SUITE = "autobahntestsuite==25.10.1"
# Later ones can't make an environment for Python 2.7.
MAKER = "virtualenv<20.22"
LEFT_OUT = 3

BIN = "Scripts" if os.name == "nt" else "bin"
QUIET = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_PYTHON_VERSION_WARNING": "1"}
PIP = ["-m", "pip", "install", "--quiet", "--retries", "2", "--timeout", "30"]


class LeftOut(Exception):
    """The suite can't be had here."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python2", type=Path, help="the Python 2.7 to make it with")
    parser.add_argument("--cache", type=Path, default=cache_directory())
    options = parser.parse_args(arguments)
    try:
        print(find_wstest(options.cache, options.python2))
    except LeftOut as exc:
        print(exc, file=sys.stderr)
        return LEFT_OUT
    return 0


def cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base, "ws-workspace", SUITE.replace("==", "-"))


def find_wstest(cache: Path, python2: Path | None) -> Path:
    """Give the command of the environment that is there, or of one made for it."""
    current = cache / "current"
    if current.is_file():
        environment = Path(current.read_text(encoding="utf-8"))
        if works(environment):
            return wstest(environment)
    environment = make_environment(cache, find_python2(python2))
    # Nobody sees an environment before it is complete, and two that make one don't clash.
    pointer = environment / "pointer"
    pointer.write_text(str(environment), encoding="utf-8")
    pointer.replace(current)
    return wstest(environment)


def wstest(environment: Path) -> Path:
    return environment / BIN / "wstest"


def works(environment: Path) -> bool:
    try:
        run("the environment", [environment / BIN / "python", "-c", "import autobahntestsuite"])
    except LeftOut:
        return False
    return wstest(environment).exists()


# Python 2.7


def find_python2(given: Path | None) -> Path:
    """Give the first Python 2.7 that runs; pyenv puts commands on PATH that don't."""
    candidates = list(python2_candidates()) if given is None else [given]
    for candidate in candidates:
        try:
            run("Python", [candidate, "-c", "import sys; sys.exit(sys.version_info[:2] != (2, 7))"])
        except LeftOut:
            continue
        return candidate
    where = "on PATH or among pyenv's" if given is None else f"at {given}"
    raise LeftOut(f"no Python 2.7 {where}")


def python2_candidates() -> Iterator[Path]:
    found = shutil.which("python2.7")
    if found is not None:
        yield Path(found)
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    yield from sorted(root.glob("versions/2.7*/bin/python2.7"), reverse=True)


# The environment


def make_environment(cache: Path, python2: Path) -> Path:
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="environment-", dir=cache))
    try:
        install(folder, python2)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return folder


def install(folder: Path, python2: Path) -> None:
    print(f"installing {SUITE} for {python2}", file=sys.stderr)
    with tempfile.TemporaryDirectory() as place:
        maker = Path(place, BIN, "python")
        run("venv", [sys.executable, "-m", "venv", place])
        run(f"pip install {MAKER}", [maker, *PIP, MAKER])
        data = ["--no-periodic-update", "--app-data", str(Path(place, "data"))]
        run("virtualenv", [maker, "-m", "virtualenv", "-q", "-p", python2, *data, folder])
    run(f"pip install {SUITE}", [folder / BIN / "python", *PIP, SUITE], timeout=600)


def run(what: str, command: Sequence[str | Path], *, timeout: float = 180) -> None:
    """Run a command to its end; LeftOut with what it said last if it fails."""
    try:
        done = subprocess.run(
            [str(part) for part in command],
            env={**os.environ, **QUIET},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise LeftOut(f"{what}: {exc}") from exc
    if done.returncode:
        said = [line for line in done.stdout.splitlines() if line.strip()]
        raise LeftOut(f"{what}: {said[-1] if said else f'exit status {done.returncode}'}")


if __name__ == "__main__":
    sys.exit(main())
