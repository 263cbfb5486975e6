"""
Echo programs, one for each implementation that the suite is run against by name.

Each is run as ``program server``, and prints its port, or as ``program client URI``. They echo
messages, and close when a text such as "/close 4000 bye" tells them to.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

__all__ = ["OURS", "PEERS", "Missing", "Program"]

HERE = Path(__file__).resolve().parent
NPM_WS = "ws@8"


class Missing(Exception):
    """A peer isn't there."""


@dataclass(frozen=True)
class Program:
    """How to start an implementation, and which of the roles it has."""

    name: str
    file: str
    #: The distributions of which it is, the first gives its version.
    distributions: tuple[str, ...]
    roles: tuple[str, ...] = ("server", "client")
    arguments: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)
    #: What to know of it to understand its results.
    note: str = ""

    def command(self, role: str) -> list[str]:
        words = [str(HERE / self.file), *self.arguments, role]
        interpreter = "node" if self.file.endswith(".cjs") else sys.executable
        return [interpreter, *words, *(["{uri}"] if role == "client" else [])]

    def prepare(self, cache: Path) -> tuple[str, dict[str, str]]:
        """Give its version and the environment it needs; raises Missing if it isn't there."""
        if self.file.endswith(".cjs"):
            return install_npm(cache)
        try:
            versions = [version(name) for name in self.distributions]
        except PackageNotFoundError as exc:
            raise Missing(f"{exc.name} is not installed") from None
        others = [f"{name} {v}" for name, v in zip(self.distributions[1:], versions[1:])]
        return ", ".join([versions[0], *others]), self.environment


def install_npm(cache: Path) -> tuple[str, dict[str, str]]:
    """Have npm's ws in a folder; gives its version."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise Missing("there is no Node.js with npm")
    package = cache / "node_modules" / "ws" / "package.json"
    if not package.is_file():
        cache.mkdir(parents=True, exist_ok=True)
        run_npm(cache, "install", "--no-save", "--no-audit", "--no-fund", NPM_WS)
    number = json.loads(package.read_text(encoding="utf-8"))["version"]
    return f"{number}", {"NODE_PATH": os.fspath(cache / "node_modules")}


def run_npm(cache: Path, *arguments: str) -> None:
    cache.joinpath("package.json").write_text("{}", encoding="utf-8")
    result = subprocess.run(
        ["npm", *arguments], cwd=cache, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise Missing(f"npm can't install {NPM_WS}: {result.stderr.strip()[-200:]}")


SWITCH = "WS_FRAMES_SPEEDUPS"

OURS: Sequence[Program] = (
    Program("ws-asyncio, C", "ours.py", ("ws-asyncio",), environment={SWITCH: "require"}),
    Program("ws-asyncio, pure", "ours.py", ("ws-asyncio",), environment={SWITCH: "never"}),
)

PEERS: Sequence[Program] = (
    Program("websockets", "foreign_websockets.py", ("websockets",)),
    Program(
        "picows",
        "picows_echo.py",
        ("picows",),
        arguments=("core",),
        note="its core hands frames to the application. To put messages together, to look at "
        "their UTF-8 and to answer a close frame is the echo program's part here, which is written "
        "as the examples of picows are and checks nothing.",
    ),
    Program("picows.websockets", "picows_echo.py", ("picows",), arguments=("alike",)),
    Program("aiohttp", "aiohttp_echo.py", ("aiohttp",)),
    Program(
        "uvicorn",
        "asgi_echo.py",
        ("uvicorn", "wsproto"),
        ("server",),
        ("uvicorn",),
        note="run with `--ws wsproto`.",
    ),
    Program("hypercorn", "asgi_echo.py", ("hypercorn", "wsproto"), ("server",), ("hypercorn",)),
    Program("npm ws", "npm_ws.cjs", ()),
    Program(
        "websocket-client",
        "websocket_client.py",
        ("websocket-client",),
        ("client",),
        note="it offers no permessage-deflate.",
    ),
)
