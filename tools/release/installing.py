"""What each kind of user does first: install one distribution, and try the example of its README."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

from .artifact import artifacts
from .processes import Failure, make_python, run

__all__ = ["BRINGS", "Installer", "try_as_each_user", "try_examples"]

#: Each distribution, with all that may come along with it.
BRINGS = {
    "ws-frames": [],
    "ws-http": ["ws-frames"],
    "ws-deflate": ["ws-frames", "ws-http"],
    "ws-asyncio": ["ws-deflate", "ws-frames", "ws-http"],
    "ws-compat": ["ws-asyncio", "ws-deflate", "ws-frames", "ws-http"],
    "websockets": ["ws-asyncio", "ws-compat", "ws-deflate", "ws-frames", "ws-http"],
}

LIST = """
from importlib.metadata import distributions
print(*sorted(each.metadata["Name"] for each in distributions()))
"""
EXAMPLE = re.compile(r"^```python\n(?P<code>.*?)^```$", re.MULTILINE | re.DOTALL)
PRINTS = re.compile(r"^ *print\(.*\)  # (?P<output>.+)$", re.MULTILINE)


class Installer:
    """The pip that comes with a Python; it installs into bare environments of that Python."""

    def __init__(self, scratch: Path, base: str | Path = sys.executable) -> None:
        self.scratch = scratch
        self.base = base
        self.pip = make_python(scratch / "pip", base)

    def install(self, folder: Path, name: str) -> Path:
        """A new environment with one distribution of a folder; no index, no settings."""
        python = make_python(self.scratch / name, self.base, "--without-pip")
        # No sdists: pip would ask an index for what builds them.
        options = ("--no-index", "--find-links", folder, "--only-binary", ":all:")
        pip = (self.pip, "-m", "pip", "--python", python)
        run(*pip, "install", "--quiet", *options, name, PIP_CONFIG_FILE=os.devnull)
        return python


def try_as_each_user(folder: Path, scratch: Path, base: str | Path = sys.executable) -> list[str]:
    """Install each distribution of a folder alone, and run the examples of its README.

    Gives what was tried, in words; raises Failure where more or less is installed than it
    needs, and where an example prints something else than it says.
    """
    readmes = {each.name: each.readme for each in artifacts(folder) if each.is_wheel}
    installer = Installer(scratch, base)
    tried = []
    for name, others in BRINGS.items():
        python = installer.install(folder, name)
        there = run(python, "-I", "-c", LIST, cwd=scratch).split()
        if there != sorted([name, *others]):
            raise Failure(f"pip install {name} gives {', '.join(there)}")
        count = try_examples(python, readmes[name])
        tried.append(f"pip install {name}: {', '.join(there)}; {count} examples run")
    return tried


def try_examples(python: Path, readme: str) -> int:
    """Run each example of a README; gives how many there are."""
    examples = [match["code"] for match in EXAMPLE.finditer(readme)]
    if not examples:
        raise Failure("the README has no example")
    for code in examples:
        expected = [match["output"] for match in PRINTS.finditer(code)]
        printed = run(python, "-I", "-W", "error", "-c", code, cwd=python.parent).splitlines()
        if printed != expected:
            raise Failure(f"an example prints {printed}, not {expected}:\n{code}")
    return len(examples)
